export { command } from '../kube/play.ts'
