import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync } from 'node:fs'
import {
  close,
  O_NOFOLLOW,
  O_PATH,
  openat2,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  SyscallError,
} from '@libpod/syscall'
import { isWhiteout } from '../layers/lower-view.ts'
import type { StoredLayer } from '../records/stored.ts'
import type { Room } from '../room.ts'
import { type ByteString, fromBytes, toBytes } from '../tar/bytes.ts'

/** With vfs what the parent has is in the layer too, so that only a first layer can be looked through. */
export function findStranger(room: Room, layer: StoredLayer, names: ReadonlySet<ByteString>): ByteString | undefined {
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
      close(fd)
    }
  } catch (error) {
    if (error instanceof SyscallError) return undefined
    throw error
  }
}
