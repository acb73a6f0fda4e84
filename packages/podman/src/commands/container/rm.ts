export { command } from '../rm.ts'
