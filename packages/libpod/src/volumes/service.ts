import type { Rooms } from '../rooms.ts'
import type { VolumeRooms } from './rooms.ts'
import type { Volumes } from './volumes.ts'

/** The volumes of an engine; each verb is loaded when it is first used. */
export function createVolumes(rooms: VolumeRooms & Pick<Rooms, 'host'>): Volumes {
  return {
    create: async spec => (await import('./create.ts')).createVolume(rooms, spec),
    list: async filters => (await import('./list.ts')).listVolumes(rooms, filters),
    inspect: async name => (await import('./list.ts')).inspectVolume(rooms, name),
    exists: async name => (await import('./list.ts')).volumeExists(rooms, name),
    remove: async (name, options) => (await import('./remove.ts')).removeVolume(rooms, name, options),
    prune: async filters => (await import('./remove.ts')).pruneVolumes(rooms, filters),
    reload: async () => (await import('./reload.ts')).reloadVolumes(rooms),
    mount: async name => (await import('./mount.ts')).mountVolume(rooms, name),
    mountFor: async (name, place) => (await import('./mount-for.ts')).mountVolumeFor(rooms, name, place),
    unmount: async name => (await import('./mount.ts')).unmountVolume(rooms, name),
    export: async function* (name, call) {
      yield* (await import('./archive.ts')).exportVolume(rooms, name, call)
    },
    import: async (name, tar, call) => (await import('./archive.ts')).importVolume(rooms, name, tar, call),
  }
}
