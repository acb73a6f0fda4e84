export { command } from '../unpause.ts'
