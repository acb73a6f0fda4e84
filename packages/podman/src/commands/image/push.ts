export { command } from '../push.ts'
