export { command } from '../run.ts'
