export { command } from '../search.ts'
