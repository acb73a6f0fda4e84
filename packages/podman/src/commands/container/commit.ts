export { command } from '../commit.ts'
