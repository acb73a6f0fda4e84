export { command } from '../pull.ts'
