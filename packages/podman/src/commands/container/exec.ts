export { command } from '../exec.ts'
