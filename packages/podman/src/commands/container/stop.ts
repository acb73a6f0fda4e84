export { command } from '../stop.ts'
