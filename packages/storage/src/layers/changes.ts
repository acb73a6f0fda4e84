import { isUtf8 } from 'node:buffer'
import { type BigIntStats, lstatSync, readdirSync } from 'node:fs'
import { isOpaque } from '../drivers/overlay/opaque.ts'
import { paced } from '../paced.ts'
import type { Room } from '../room.ts'
import { type ByteString, fromBytes, toBytes } from '../tar/bytes.ts'
import { parseWhiteout } from '../tar/whiteout.ts'
import { compareTrees, type RawChange } from './compare-trees.ts'
import type { DiffOptions } from './diff.ts'
import { needLayer } from './find.ts'
import type { Change, LayerId } from './layers.ts'
import { isWhiteout, LowerView } from './lower-view.ts'

/** What a layer changes as against `since`, in path order. */
export async function* layerChanges(room: Room, id: LayerId, options: DiffOptions = {}): AsyncGenerator<Change> {
  const layer = needLayer(room, id)
  const since = options.since ?? layer.parent
  const isNative = room.driver.can.nativeDiff && since === layer.parent
  const changes = isNative
    ? await paced(nativeChanges(room, id), options)
    : await naiveChanges(room, id, { ...options, since })
  for (const change of changes) yield shownChange(change)
}

function shownChange({ kind, path }: RawChange): Change {
  const bytes = toBytes(path)
  return {
    kind,
    path: `/${bytes.toString()}`,
    ...(!isUtf8(bytes) && { rawPath: Buffer.concat([Buffer.from('/'), bytes]) }),
  }
}

async function naiveChanges(room: Room, id: LayerId, options: DiffOptions): Promise<readonly RawChange[]> {
  const { showTrees } = await import('./naive-diff.ts')
  await using trees = await showTrees(room, id, options)
  return await paced(compareTrees(trees.before, trees.after), options)
}

/** Overlay's upper directory says it all: what lies there is changed, what the lower layers lack is added. */
function* nativeChanges(room: Room, id: LayerId): Generator<void, readonly RawChange[]> {
  const { driver } = room
  using lower = new LowerView(driver.lowerPaths(id), driver.whiteoutFiles)
  return yield* walk(Buffer.from(driver.diffPath(id)), '', lower)
}

function* walk(directory: Buffer, path: ByteString, lower: LowerView): Generator<void, RawChange[]> {
  const names = readdirSync(directory, { encoding: 'buffer' }).map(fromBytes).sort()
  const changes: RawChange[] = []
  for (const name of names) {
    const at = Buffer.concat([directory, Buffer.from('/'), toBytes(name)])
    const below = path === '' ? name : `${path}/${name}`
    const stat = lstatSync(at, { bigint: true })
    for (const each of yield* change({ at, path: below, stat }, lower)) changes.push(each)
  }
  yield
  return changes
}

function* change(
  { at, path, stat }: { at: Buffer; path: ByteString; stat: BigIntStats },
  lower: LowerView,
): Generator<void, RawChange[]> {
  const slash = path.lastIndexOf('/') + 1
  const whiteout = lower.whiteoutFiles === 'yes' ? parseWhiteout(path.slice(slash)) : { kind: 'none' as const }
  if (whiteout.kind === 'deleted') return deletion(path.slice(0, slash) + whiteout.name, lower)
  if (whiteout.kind !== 'none') return []
  if (isWhiteout(stat)) return deletion(path, lower)
  const old = lower.stat(path)
  const inside = stat.isDirectory() ? yield* walk(at, path, lower) : []
  if (old === undefined) return [{ kind: 'added', path }, ...inside]
  // Another directory in the place of what was there: everybody tells it as gone, and what is in it as new.
  if (stat.isDirectory() && isOpaque(at)) return [{ kind: 'deleted', path }, ...inside]
  if (inside.length === 0 && isCopiedUp(old, stat)) return []
  return [{ kind: 'modified', path }, ...inside]
}

const deletion = (path: ByteString, lower: LowerView): RawChange[] =>
  lower.stat(path) ? [{ kind: 'deleted', path }] : []

/** A directory that is only there because something below it was, and went. */
const isCopiedUp = (old: BigIntStats, now: BigIntStats): boolean =>
  now.isDirectory() &&
  old.isDirectory() &&
  old.mtimeNs === now.mtimeNs &&
  old.mode === now.mode &&
  old.uid === now.uid &&
  old.gid === now.gid
