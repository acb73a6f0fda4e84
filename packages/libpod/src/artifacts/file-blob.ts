import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { type Digest, parseDigest } from '@libpod/image'
import { sniffContentType, sniffedBytes } from './content-type.ts'

/** A file as a blob: its digest, its size in bytes and what its first bytes look like. */
export interface FileBlob {
  readonly digest: Digest
  readonly size: number
  readonly contentType: string
}

/** Reads a file through once, in constant memory. */
export async function readFileBlob(path: string): Promise<FileBlob> {
  await using file = await open(path)
  const hash = createHash('sha256')
  let head: Uint8Array = new Uint8Array()
  let size = 0
  for await (const chunk of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
    if (head.length < sniffedBytes) head = Buffer.concat([head, chunk.subarray(0, sniffedBytes - head.length)])
    hash.update(chunk)
    size += chunk.length
  }
  return { digest: parseDigest(`sha256:${hash.digest('hex')}`), size, contentType: sniffContentType(head) }
}
