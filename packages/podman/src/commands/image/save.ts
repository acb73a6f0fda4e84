export { command } from '../save.ts'
