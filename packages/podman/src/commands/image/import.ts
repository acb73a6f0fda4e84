export { command } from '../import.ts'
