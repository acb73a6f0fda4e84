export { command } from '../start.ts'
