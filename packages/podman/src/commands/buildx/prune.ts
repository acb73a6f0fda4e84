export { command } from '../image/prune.ts'
