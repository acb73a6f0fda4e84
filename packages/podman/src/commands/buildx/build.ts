export { command } from '../build.ts'
