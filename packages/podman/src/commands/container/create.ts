export { command } from '../create.ts'
