import type { ImageRooms } from '../images/rooms.ts'
import type { Manifests } from './manifests.ts'

/** The manifest lists of an engine; each verb is loaded when it is first used. */
export function createManifests(rooms: ImageRooms): Manifests {
  return {
    create: async (name, images, options) => (await import('./create.ts')).createList(rooms, name, images, options),
    add: async (name, images, options) => (await import('./add.ts')).addToList(rooms, name, images, options),
    addArtifact: async (name, files, options) =>
      (await import('./artifact.ts')).addArtifactToList(rooms, name, files, options),
    annotate: async (name, instance, changes) =>
      (await import('./annotate.ts')).annotateList(rooms, name, instance, changes),
    removeInstance: async (name, digest) => (await import('./annotate.ts')).removeInstance(rooms, name, digest),
    inspect: async (name, options) => (await import('./inspect.ts')).inspectList(rooms, name, options),
    exists: async name => (await import('./remove.ts')).listExists(rooms, name),
    push: async (name, destination, options) => (await import('./push.ts')).pushList(rooms, name, destination, options),
    remove: async (names, options) => (await import('./remove.ts')).removeLists(rooms, names, options),
  }
}
