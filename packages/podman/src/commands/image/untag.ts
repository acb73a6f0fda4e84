export { command } from '../untag.ts'
