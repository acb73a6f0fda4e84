export { command } from '../history.ts'
