import { closeSync, openSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Bytes, FileRange } from '../call.ts'
import { ImageError } from '../errors.ts'

const chunkSize = 256 * 1024

/** Files of an image by name, be they in a directory or in a tar. */
export interface ImageFiles {
  /** Where the file's bytes lie; undefined when there is no such file. */
  find(name: string): Promise<FileRange | undefined>
}

/** The bytes of a stretch of a file, from an offset within it. */
export async function* streamRange(range: FileRange, from = 0): Bytes {
  const handle = await open(range.path, 'r')
  try {
    let at = range.offset + from
    const end = range.offset + range.length
    while (at < end) {
      const buffer = Buffer.allocUnsafe(Math.min(chunkSize, end - at))
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
      if (bytesRead === 0) throw new ImageError('ARCHIVE_INVALID', `${range.path} ends before offset ${end}`)
      at += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

/** A small file whole. @throws ImageError SIZE_EXCEEDED, ARCHIVE_INVALID when it is not there */
export async function readSmall(files: ImageFiles, name: string, limit: number): Promise<Uint8Array> {
  const range = await files.find(name)
  if (range === undefined)
    throw new ImageError('ARCHIVE_INVALID', `file ${JSON.stringify(name)} not found`, { subject: name })
  if (range.length > limit) throw new ImageError('SIZE_EXCEEDED', `file ${name} is larger than ${limit} bytes`)
  return readShort(range)
}

/** A short stretch whole. In this thread: it is there before another had been asked. @throws ImageError ARCHIVE_INVALID */
export function readShort({ path, offset, length }: FileRange): Buffer {
  const fd = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(length)
    for (let at = 0; at < length; ) {
      const read = readSync(fd, bytes, at, length - at, offset + at)
      if (read === 0) throw new ImageError('ARCHIVE_INVALID', `${path} ends before offset ${offset + length}`)
      at += read
    }
    return bytes
  } finally {
    closeSync(fd)
  }
}
