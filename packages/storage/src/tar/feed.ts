import { StorageError } from '../errors.ts'
import type { Compression } from '../layers/layers.ts'
import { drained } from './drained.ts'
import { Inflater } from './inflate.ts'
import { magicLength, sniff } from './sniff.ts'
import { Tally } from './tally.ts'

/** Chunks may be overwritten once the next one is asked for. */
export interface ApplySource {
  readonly chunks: AsyncIterable<Buffer>
  /** Memory to decompress into, which must not be that of the chunks. */
  readonly output?: Buffer
  /** Called now and then; throws when the work should end. */
  tick(bytesRead: number): void
}

/** How the bytes came. */
export interface Fed {
  readonly compression: Compression
  /** Of the bytes as they came; absent when they are the tar itself. */
  readonly blob: Tally | undefined
}

type Take = (chunk: Buffer) => Promise<void> | void

/** Gives `take` the tar's bytes, decompressed where need be. @throws StorageError ARCHIVE_INVALID for broken compression */
export async function feed(source: ApplySource, take: Take): Promise<Fed> {
  const chunks = counted(source)
  const { head, rest } = await peek(chunks)
  const compression = sniff(head)
  if (compression === 'none') {
    for await (const chunk of rest) await take(chunk)
    return { compression, blob: undefined }
  }
  const blob = new Tally()
  using inflater = compression === 'gzip' ? Inflater.open(source.output) : undefined
  if (inflater) await inflateThrough(inflater, tapped(rest, blob), take)
  else await feedThrough(compression, tapped(rest, blob), take)
  return { compression, blob }
}

async function* counted(source: ApplySource): AsyncGenerator<Buffer> {
  let read = 0
  for await (const chunk of source.chunks) {
    read += chunk.length
    source.tick(read)
    yield chunk
  }
}

/** The first bytes, and everything from the beginning. */
async function peek(chunks: AsyncGenerator<Buffer>): Promise<{ head: Buffer; rest: AsyncGenerator<Buffer> }> {
  let head: Buffer = Buffer.alloc(0)
  while (head.length < magicLength) {
    const { value, done } = await chunks.next()
    if (done) break
    head = head.length === 0 ? value : Buffer.concat([head, value])
  }
  return { head, rest: prepended(head, chunks) }
}

async function* prepended(head: Buffer, chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head
    yield* chunks
  } finally {
    await chunks.return(undefined)
  }
}

async function* tapped(chunks: AsyncIterable<Buffer>, blob: Tally): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    blob.add(chunk)
    yield chunk
  }
}

async function inflateThrough(inflater: Inflater, chunks: AsyncIterable<Buffer>, take: Take): Promise<void> {
  const pass = async (pieces: Iterator<Buffer>): Promise<void> => {
    for (;;) {
      const piece = next(pieces)
      if (piece === undefined) return
      await take(piece)
    }
  }
  for await (const chunk of chunks) await pass(inflater.push(chunk))
  await pass(inflater.end())
}

function next(pieces: Iterator<Buffer>): Buffer | undefined {
  try {
    return pieces.next().value as Buffer | undefined
  } catch (cause) {
    throw broken('gzip', cause)
  }
}

/** The decompressor works in another thread, so its chunks must stay as they are until it took them. */
async function feedThrough(compression: Compression, chunks: AsyncIterable<Buffer>, take: Take): Promise<void> {
  const { decompressor } = await import('./decompress.ts')
  const stream = decompressor(compression)
  let first: unknown
  const note = (error: unknown): void => {
    first ??= error
    stream.destroy()
  }
  stream.on('error', cause => note(broken(compression, cause)))
  const write = async (): Promise<void> => {
    for await (const chunk of chunks) {
      if (stream.destroyed) return
      if (!stream.write(Buffer.from(chunk))) await drained(stream)
    }
    stream.end()
  }
  const read = async (): Promise<void> => {
    for await (const chunk of stream) await take(chunk)
  }
  await Promise.all([write().catch(note), read().catch(note)])
  if (first !== undefined) throw first
}

const broken = (compression: Compression, cause: unknown): StorageError =>
  new StorageError('ARCHIVE_INVALID', `the layer's ${compression} data is broken or cut off: ${String(cause)}`, {
    cause,
  })
