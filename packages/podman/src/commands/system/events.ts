export { command } from '../events.ts'
