export { main } from './main.ts'
export type { Self } from './open-engine.ts'
