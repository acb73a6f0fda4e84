export { command } from '../export.ts'
