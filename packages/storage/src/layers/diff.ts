import { existsSync } from 'node:fs'
import { isOpaque } from '../drivers/overlay/opaque.ts'
import { toContainer } from '../idmap/mapping.ts'
import { toMappings } from '../records/convert.ts'
import type { StoredLayer } from '../records/stored.ts'
import type { Room } from '../room.ts'
import { type Met, type PackOptions, type PackVerdict, packTree } from '../tar/pack.ts'
import { type Original, reassemble } from '../tar/reassemble.ts'
import { verifiedInTime } from '../tar/verified.ts'
import { needLayer } from './find.ts'
import type { DiffCall, LayerId } from './layers.ts'
import { isWhiteout, LowerView } from './lower-view.ts'
import { tarSplitFile } from './sweep.ts'

export interface DiffOptions extends DiffCall {
  /** The layer's parent when left out. */
  readonly since?: LayerId | undefined
}

/** The layer's tar: put together again where its record allows, else made from the files. */
export async function* layerDiff(room: Room, id: LayerId, options: DiffOptions = {}): AsyncGenerator<Uint8Array> {
  for await (const chunk of wholeDiff(room, id, options)) {
    options.signal?.throwIfAborted()
    yield chunk
  }
}

async function* wholeDiff(room: Room, id: LayerId, options: DiffOptions): AsyncGenerator<Uint8Array> {
  const { since } = options
  const layer = needLayer(room, id)
  const isOwn = since === undefined || since === layer.parent
  const record = isOwn ? findTarSplit(room, id) : undefined
  const directories = [room.driver.diffPath(id), ...room.driver.lowerPaths(id)]
  const digest = isOwn && options.verify === 'digest' ? layer['diff-digest'] : undefined
  if (record) yield* original({ record, directories, digest }, layer['diff-size'] ?? 0, options.pieces)
  else if (digest) yield* verifiedInTime(madeAnew(room, layer, options), digest)
  else yield* madeAnew(room, layer, options)
}

async function* madeAnew(room: Room, layer: StoredLayer, options: DiffOptions): AsyncGenerator<Uint8Array> {
  const { since } = options
  const isOwn = since === undefined || since === layer.parent
  if (isOwn && room.driver.can.nativeDiff) yield* nativeDiff(room, layer)
  else yield* (await import('./naive-diff.ts')).naiveDiff(room, layer, { ...options, since: since ?? layer.parent })
}

/** Smaller layers are read before a thread has started, in bytes. */
const worthThread = 8 << 20

async function* original(from: Original, size: number, pieces: DiffCall['pieces']): AsyncGenerator<Uint8Array> {
  if (size < worthThread) return yield* reassemble(from, pieces)
  const { reassembleInThread } = await import('../worker/reassembling.ts')
  for await (const piece of reassembleInThread(from)) yield pieces === 'lent' ? piece : Buffer.from(piece)
}

function findTarSplit(room: Room, id: LayerId): string | undefined {
  const shelves = [room.layers, ...room.readOnly.map(each => each.layers)]
  return shelves.map(each => tarSplitFile(each.directory, id)).find(path => existsSync(path))
}

/** Of an overlay layer's own directory, deletions turned back into whiteouts. */
async function* nativeDiff(room: Room, layer: StoredLayer): AsyncGenerator<Uint8Array> {
  const { driver } = room
  using lower = new LowerView(driver.lowerPaths(layer.id), driver.whiteoutFiles)
  const judge = (met: Met): PackVerdict => {
    if (isWhiteout(met.stat)) return { kind: 'deleted' }
    const hides = met.stat.isDirectory() && isOpaque(met.at) && lower.stat(met.path)
    return { kind: hides ? 'opaque' : 'as-it-is' }
  }
  yield* packTree(driver.diffPath(layer.id), { judge, ...ownerOption(layer) })
}

/** Ids on disk are shifted by the layer's maps; in a tar they are the container's. */
export function ownerOption(layer: StoredLayer): Pick<PackOptions, 'owner'> {
  const [uids, gids] = [toMappings(layer.uidmap), toMappings(layer.gidmap)]
  if (uids.length === 0 && gids.length === 0) return {}
  return { owner: (uid, gid) => [toContainer(uid, uids) ?? uid, toContainer(gid, gids) ?? gid] }
}
