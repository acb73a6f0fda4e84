import type { GenerateRooms } from './generate/generate.ts'
import type { Kube } from './kube.ts'
import type { KubeRooms } from './rooms.ts'

/** Each verb is loaded when it is first used. */
export function createKube(rooms: KubeRooms & GenerateRooms): Kube {
  return {
    play: async (yaml, options) => (await import('./play.ts')).play(rooms, yaml, options),
    down: async (yaml, options) => (await import('./down.ts')).down(rooms, yaml, options),
    generate: async (names, options) => (await import('./generate/generate.ts')).generate(rooms, names, options),
  }
}
