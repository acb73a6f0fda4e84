import { randomId } from '../random-id.ts'
import { toLayer } from '../records/convert.ts'
import type { Room } from '../room.ts'
import { createLayer } from './create.ts'
import { findLayer, findLayers, hasFiles } from './find.ts'
import type { Layers } from './layers.ts'
import { mountCount, mountedAt, mountLayer, unmountLayer } from './mounts.ts'
import { removeLayer } from './remove.ts'

/** The layers of a store; each verb is in its file, the heavy ones are loaded when first used. */
export function layersOf(room: Room): Layers {
  return {
    get: async id => findLayer(room, id),
    list: async () => findLayers(room, () => true),
    byDiffId: async diffId => findLayers(room, each => each['diff-digest'] === diffId),
    hasFiles: async id => hasFiles(room, id),
    byCompressedDigest: async digest => findLayers(room, each => each['compressed-diff-digest'] === digest),
    create: async as => {
      const id = as.id ?? randomId()
      return toLayer(await room.layers.table.change(draft => createLayer(room, draft, { ...as, id })), 'no')
    },
    stage: async call => (await import('./stage.ts')).stageLayer(room, call),
    commit: async layers => (await import('./stage.ts')).commitStaged(room, layers),
    changes: (id, since, call) =>
      later(async () => (await import('./changes.ts')).layerChanges(room, id, { ...call, since })),
    diff: (id, since, call) => later(async () => (await import('./diff.ts')).layerDiff(room, id, { ...call, since })),
    expectWork: async threads => (await import('../worker/pool.ts')).expectWork(threads),
    contents: async (digests, call) => (await import('./contents.ts')).findContents(room, digests, call),
    size: async (id, call) => (await import('./size.ts')).layerSize(room, id, call),
    mount: (id, options) => mountLayer(room, id, options),
    unmount: (id, how) => unmountLayer(room, id, how),
    mountCount: async id => mountCount(room, id),
    mountedAt: async id => mountedAt(room, id),
    remove: id => removeLayer(room, id),
  }
}

/** An iteration whose code is loaded when it begins. */
async function* later<T>(load: () => Promise<AsyncIterable<T>>): AsyncGenerator<T> {
  yield* await load()
}
