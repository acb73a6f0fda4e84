export { command } from '../attach.ts'
