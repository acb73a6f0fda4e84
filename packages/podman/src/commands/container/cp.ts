export { command } from '../cp.ts'
