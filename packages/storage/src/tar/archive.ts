import { closeSync, openSync, readSync } from 'node:fs'
import type { Bytes, Call, FileRange } from '../call.ts'
import { inUserNamespace } from '../host.ts'
import type { IdMappings } from '../idmap/mapping.ts'
import { Blocks } from './blocks.ts'
import { feed } from './feed.ts'
import { Unpacker } from './unpack.ts'
import type { UnpackOptions } from './unpack-options.ts'
import { unpackingReader } from './unpack-tar.ts'

const pieceSize = 256 * 1024

export interface UnpackArchiveOptions extends Call {
  /** Whom everything is to belong to, instead of whom the archive says. */
  readonly owner?: { readonly uid: number; readonly gid: number }
  /** How the owners, whoever says them, are shifted on the host. */
  readonly mappings?: IdMappings
  /** A directory where a file is to go, or the other way round: replaced (default) or refused. */
  readonly otherKind?: 'replace' | 'refuse'
}

/**
 * Unpacks a tar, compressed or not, into a directory: files that are there are replaced, owners, modes, times and attributes kept.
 * Nothing is written outside, whatever links archive or directory hold.
 * @throws StorageError ARCHIVE_INVALID, ARCHIVE_UNSAFE naming the entry; or the signal's reason
 */
export async function unpackArchive(
  directory: string,
  tar: Bytes | FileRange,
  options: UnpackArchiveOptions = {},
): Promise<void> {
  const unpack: UnpackOptions = {
    opaqueAttribute: '',
    rootEntry: 'apply',
    userNamespace: inUserNamespace(),
    chownErrors: process.getuid?.() === 0 ? 'report' : 'ignore',
    whiteouts: 'plain',
    existing: options.otherKind === 'refuse' ? 'replace-same-kind' : 'replace',
    ...(options.owner ? { owner: options.owner } : {}),
    ...(options.mappings ? { mappings: options.mappings } : {}),
    mostEntries: 10_000_000,
    mostBytes: Number.MAX_SAFE_INTEGER,
  }
  const tick = (): void => options.signal?.throwIfAborted()
  const { chunks, size } = await begin('path' in tar ? fileChunks(tar) : bufferChunks(tar))
  if (size === 'large') {
    const { unpackInThread } = await import('../worker/unpacking.ts')
    return unpackInThread({ chunks, tick }, directory, unpack)
  }
  using unpacker = new Unpacker(directory, unpack)
  const reader = unpackingReader(unpacker)
  await feed({ chunks, tick }, chunk => reader.push(chunk))
  reader.end()
  unpacker.end()
}

/** Less is unpacked before a thread has started, in bytes. */
const worthThread = 1 << 20

/** Looks whether there is much to come, without losing what is read for that. */
async function begin(
  chunks: AsyncGenerator<Buffer>,
): Promise<{ readonly chunks: AsyncGenerator<Buffer>; readonly size: 'small' | 'large' }> {
  const read: Buffer[] = []
  let length = 0
  while (length < worthThread) {
    const { value, done } = await chunks.next()
    if (done) break
    read.push(Buffer.from(value)) // it may be overwritten by the next
    length += value.length
  }
  return { chunks: rejoin(read, chunks), size: length < worthThread ? 'small' : 'large' }
}

async function* rejoin(read: readonly Buffer[], rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* read
    yield* rest
  } finally {
    await rest.return(undefined)
  }
}

/** In pieces worth handing to another thread: whoever packs files gives a header, a few bytes and a padding for each. */
async function* bufferChunks(bytes: Bytes): AsyncGenerator<Buffer> {
  const blocks = new Blocks('lent')
  for await (const chunk of bytes) yield* blocks.add(chunk)
  yield* blocks.end()
}

async function* fileChunks({ path, offset = 0, length = Number.MAX_SAFE_INTEGER }: FileRange): AsyncGenerator<Buffer> {
  const fd = openSync(path, 'r')
  try {
    for (let at = 0; at < length; ) {
      const piece = Buffer.allocUnsafe(Math.min(pieceSize, length - at))
      const read = readSync(fd, piece, 0, piece.length, offset + at)
      if (read === 0) return
      at += read
      yield piece.subarray(0, read)
    }
  } finally {
    closeSync(fd)
  }
}
