export { command } from '../wait.ts'
