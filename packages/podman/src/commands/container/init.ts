export { command } from '../init.ts'
