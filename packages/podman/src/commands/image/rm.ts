export { command } from '../rmi.ts'
