export { command } from '../stats.ts'
