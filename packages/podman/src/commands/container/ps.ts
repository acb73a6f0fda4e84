export { command } from '../ps.ts'
