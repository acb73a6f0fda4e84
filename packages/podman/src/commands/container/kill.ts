export { command } from '../kill.ts'
