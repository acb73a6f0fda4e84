import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync } from 'node:fs'
import { O_NOFOLLOW, O_PATH, openat2, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS, SyscallError } from '@libpod/syscall'
import type { Call } from '../call.ts'
import { isStorageError } from '../errors.ts'
import { layerDiff } from '../layers/diff.ts'
import { isWhiteout } from '../layers/lower-view.ts'
import type { StoredLayer } from '../records/stored.ts'
import type { Room } from '../room.ts'
import { cleanPath } from '../rooted/clean-path.ts'
import { type ByteString, fromBytes, shown, toBytes } from '../tar/bytes.ts'
import { TarReader } from '../tar/reader.ts'
import { Tally } from '../tar/tally.ts'
import { parseWhiteout } from '../tar/whiteout.ts'
import { type Problem, problem } from './problems.ts'

/** Reads a whole layer: its tar must have the recorded digest, and nothing may lie beside what the tar holds. */
export async function contentProblems(
  room: Room,
  layer: StoredLayer,
  call: Pick<Call, 'signal'> = {},
): Promise<Problem[]> {
  const wrong = (detail: string): Problem[] => [problem('layer-content-wrong', layer.id, detail)]
  try {
    const { digest, size, names } = await readLayer(room, layer, call)
    const { 'diff-digest': recorded = digest, 'diff-size': length = -1 } = layer
    if (digest !== recorded) return wrong(`its digest is ${digest}`)
    if (length >= 0 && size !== length) return wrong(`its tar has ${size} bytes instead of ${length}`)
    const stranger = findStranger(room, layer, names)
    if (stranger === undefined) return []
    return [problem('layer-content-added', layer.id, `${shown(stranger)} is no part of its tar`)]
  } catch (error) {
    if (isStorageError(error)) return wrong(error.message)
    throw error
  }
}

async function readLayer(
  room: Room,
  layer: StoredLayer,
  call: Pick<Call, 'signal'>,
): Promise<{ readonly digest: string; readonly size: number; readonly names: ReadonlySet<ByteString> }> {
  const tally = new Tally()
  const names = new Set<ByteString>()
  const nothing = (): void => {}
  const reader = new TarReader({
    structure: nothing,
    data: nothing,
    entryEnd: nothing,
    entry: entry => addName(names, cleanPath(entry.name)),
  })
  for await (const chunk of layerDiff(room, layer.id, call)) {
    tally.add(chunk)
    reader.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))
  }
  reader.end()
  return { ...tally.end(), names }
}

/** A path and every directory above it; a deletion stands for what it deletes. */
function addName(names: Set<ByteString>, path: ByteString): void {
  const slash = path.lastIndexOf('/') + 1
  const whiteout = parseWhiteout(path.slice(slash))
  names.add(whiteout.kind === 'deleted' ? path.slice(0, slash) + whiteout.name : path)
  for (let end = slash - 1; end > 0; end = path.lastIndexOf('/', end - 1)) names.add(path.slice(0, end))
}

/** With vfs what the parent has is in the layer too, so that only a first layer can be looked through. */
function findStranger(room: Room, layer: StoredLayer, names: ReadonlySet<ByteString>): ByteString | undefined {
  if (!room.driver.can.nativeDiff && layer.parent !== undefined) return undefined
  const root = room.driver.diffPath(layer.id)
  const strangers = [...filesBelow(Buffer.from(root), '')].filter(({ path }) => !names.has(path))
  if (strangers.length === 0) return undefined
  const known = inodes(root, names)
  return strangers.find(({ inode }) => !known.has(inode))?.path
}

interface Found {
  readonly path: ByteString
  readonly inode: bigint
}

/** Everything but directories and marks of deletion. */
function* filesBelow(directory: Buffer, path: ByteString): Generator<Found> {
  for (const name of readdirSync(directory, { encoding: 'buffer' }).map(fromBytes)) {
    const below = path === '' ? name : `${path}/${name}`
    const at = Buffer.concat([directory, Buffer.from('/'), toBytes(name)])
    const stat = lstatSync(at, { bigint: true })
    if (stat.isDirectory()) yield* filesBelow(at, below)
    else if (!isWhiteout(stat)) yield { path: below, inode: stat.ino }
  }
}

/** An entry whose name leads through a link of the layer lies elsewhere: then only the inode tells. */
function inodes(directory: string, names: ReadonlySet<ByteString>): ReadonlySet<bigint> {
  const root = openSync(directory, O_PATH | constants.O_DIRECTORY)
  const found = new Set<bigint>()
  try {
    for (const name of names) {
      const inode = inodeOf(root, name)
      if (inode !== undefined) found.add(inode)
    }
  } finally {
    closeSync(root)
  }
  return found
}

function inodeOf(root: number, name: ByteString): bigint | undefined {
  try {
    const how = { flags: O_PATH | O_NOFOLLOW, resolve: RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS }
    const fd = openat2(root, toBytes(name), how)
    try {
      return fstatSync(fd, { bigint: true }).ino
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (error instanceof SyscallError) return undefined
    throw error
  }
}
