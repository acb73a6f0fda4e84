export { command } from '../info.ts'
