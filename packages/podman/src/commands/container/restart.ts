export { command } from '../restart.ts'
