export { command } from '../logs.ts'
