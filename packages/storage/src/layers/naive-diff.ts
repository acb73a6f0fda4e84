import { StorageError } from '../errors.ts'
import { paced } from '../paced.ts'
import type { StoredLayer } from '../records/stored.ts'
import type { Room } from '../room.ts'
import { type Met, type PackVerdict, packTree } from '../tar/pack.ts'
import { compareTrees } from './compare-trees.ts'
import { type DiffOptions, ownerOption } from './diff.ts'
import type { LayerId } from './layers.ts'
import { mountLayer, unmountLayer } from './mounts.ts'

/** A layer's tar found by comparing two whole trees: for drivers without diffs, and against far ancestors. */
export async function* naiveDiff(
  room: Room,
  layer: StoredLayer,
  { since, ...call }: DiffOptions,
): AsyncGenerator<Uint8Array> {
  await using trees = await showTrees(room, layer.id, { since, ...call })
  const changes = await paced(compareTrees(trees.before, trees.after), call)
  const changed = new Set(changes.filter(each => each.kind !== 'deleted').map(each => each.path))
  const deleted = changes.filter(each => each.kind === 'deleted').map(each => each.path)
  const judge = (met: Met): PackVerdict => ({ kind: changed.has(met.path) ? 'as-it-is' : 'skip' })
  yield* packTree(trees.after, { judge, deleted, ...ownerOption(layer) })
}

interface Trees extends AsyncDisposable {
  readonly before: string | undefined
  readonly after: string
}

/** Both trees as a container would see them. */
export async function showTrees(room: Room, id: LayerId, { since, ...call }: DiffOptions): Promise<Trees> {
  const mounted: LayerId[] = []
  const show = async (layer: LayerId): Promise<string> => {
    const path = await mountLayer(room, layer, { access: 'read-only', ...call })
    mounted.push(layer)
    return path
  }
  const dispose = async (): Promise<void> => {
    for (const layer of mounted) await unmountLayer(room, layer)
  }
  try {
    const after = await show(id)
    return { after, before: since === undefined ? undefined : await show(since), [Symbol.asyncDispose]: dispose }
  } catch (cause) {
    await dispose()
    call.signal?.throwIfAborted()
    if (!(cause instanceof StorageError))
      throw new StorageError('IO', `layer ${id} cannot be shown`, { subject: id, cause })
    throw cause
  }
}
