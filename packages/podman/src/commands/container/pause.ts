export { command } from '../pause.ts'
