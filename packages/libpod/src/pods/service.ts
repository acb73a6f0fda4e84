import { LibpodError } from '../errors.ts'
import type { Pods } from './pods.ts'
import type { PodRooms } from './rooms.ts'

/** The pods of an engine; each verb is loaded when it is first used. */
export function createPods(rooms: PodRooms): Pods {
  const life = () => import('./life.ts')
  return {
    create: async (spec, call) => (await import('./create.ts')).createPod(rooms, spec, call),
    clone: async (name, change, call) => (await import('./clone.ts')).clonePod(rooms, name, change, call),
    start: async (name, call) => (await life()).startPod(rooms, name, call),
    stop: async (name, options) => (await life()).stopPod(rooms, name, options),
    kill: async (name, signal, call) => (await life()).killPod(rooms, name, signal, call),
    restart: async (name, options) => (await life()).restartPod(rooms, name, options),
    pause: async (name, call) => (await life()).pausePod(rooms, name, call),
    unpause: async (name, call) => (await life()).unpausePod(rooms, name, call),
    top: async (name, descriptors, call) => (await life()).topOfPod(rooms, name, descriptors, call),
    logs: async (name, options) => (await import('./logs.ts')).logsOfPod(rooms, name, options),
    stats: async names => (await import('./stats.ts')).statsOfPods(rooms, names),
    remove: async (name, options) => (await import('./remove.ts')).removePod(rooms, name, options),
    prune: async call => (await import('./remove.ts')).prunePods(rooms, call),
    list: async filters => (await import('./list.ts')).listPods(rooms, filters),
    inspect: async name => (await import('./inspect.ts')).inspectPod(rooms, name),
    generateSpec: async (name, options) => (await import('../specgen/generate.ts')).generatePod(rooms, name, options),
    resolve: async name => (await import('./members.ts')).findPod(rooms, name).id,
    exists: async name => podExists(rooms, name),
  }
}

async function podExists(rooms: PodRooms, name: string): Promise<boolean> {
  const { findPod } = await import('./members.ts')
  try {
    return findPod(rooms, name) !== undefined
  } catch (error) {
    if (error instanceof LibpodError && error.code === 'POD_UNKNOWN') return false
    throw error
  }
}
