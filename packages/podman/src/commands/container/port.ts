export { command } from '../port.ts'
