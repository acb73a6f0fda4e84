export { command } from '../tag.ts'
