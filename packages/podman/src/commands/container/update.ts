export { command } from '../update.ts'
