export { command } from '../mount.ts'
