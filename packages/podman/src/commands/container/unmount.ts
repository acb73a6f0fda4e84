export { command } from '../unmount.ts'
