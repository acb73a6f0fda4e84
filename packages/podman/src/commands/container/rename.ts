export { command } from '../rename.ts'
