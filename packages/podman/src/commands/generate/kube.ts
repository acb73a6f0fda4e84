export { command } from '../kube/generate.ts'
