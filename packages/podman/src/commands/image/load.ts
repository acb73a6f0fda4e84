export { command } from '../load.ts'
