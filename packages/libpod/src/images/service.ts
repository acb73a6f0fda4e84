import type { Images } from './images.ts'
import type { ImageRooms } from './rooms.ts'

/** The images of an engine; each verb is loaded when it is first used. */
export function createImages(rooms: ImageRooms): Images {
  return {
    pull: async (name, options) => (await import('./pull.ts')).pullImage(rooms, name, options),
    hasNewer: async (id, name, options) => (await import('./has-newer.ts')).hasNewerImage(rooms, { id, name }, options),
    push: async (name, destination, options) =>
      (await import('./push.ts')).pushImage(rooms, name, destination, options),
    sign: async (name, options) => (await import('./sign.ts')).signImage(rooms, name, options),
    load: async (path, options) => (await import('./load.ts')).loadImages(rooms, path, options),
    save: async (names, options) => (await import('./save.ts')).saveImages(rooms, names, options),
    build: async (spec, options) => (await import('../build/build.ts')).buildImage(rooms, spec, options),
    import: async (source, options) => (await import('./import.ts')).importImage(rooms, source, options),
    list: async options => (await import('./list.ts')).listImages(rooms, options),
    inspect: async name => (await import('./inspect.ts')).inspectImage(rooms, name),
    history: async name => (await import('./history.ts')).imageHistory(rooms, name),
    tag: async (name, newNames) => (await import('./tag.ts')).tagImage(rooms, name, newNames),
    untag: async (name, names) => (await import('./tag.ts')).untagImage(rooms, name, names),
    remove: async (names, options) => (await import('./remove.ts')).removeImages(rooms, names, options),
    prune: async options => (await import('./prune.ts')).pruneImages(rooms, options),
    pruneBuilds: async () => (await import('../build/leftovers.ts')).pruneWorkingContainers(rooms),
    exists: async name => (await import('./lookup.ts')).imageExists(rooms, name),
    lookup: async name => (await import('./lookup.ts')).lookupImage(rooms, name),
    mount: async name => (await import('./mount.ts')).mountImage(rooms, name),
    unmount: async (name, how) => (await import('./mount.ts')).unmountImage(rooms, name, how),
    entries: async (name, path) => (await import('./entries.ts')).entriesInImage(rooms, name, path),
    mounts: async () => (await import('./mount.ts')).mountedImages(rooms),
    tree: async name => (await import('./tree.ts')).imageTree(rooms, name),
    search: async (term, options) => (await import('./search.ts')).searchImages(rooms, term, options),
    changes: async (name, call) => (await import('./differences.ts')).imageChanges(rooms, name, call),
    differences: async (name, since, call) =>
      (await import('./differences.ts')).differences(rooms, name, { ...call, since }),
  }
}
