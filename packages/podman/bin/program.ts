/** The program, run from source; the bundle has the linked script in this place. */
export { main } from '../src/main.ts'

export const keep = (): void => {}
