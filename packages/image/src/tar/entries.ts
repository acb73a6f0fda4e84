import type { Bytes } from '../call.ts'
import { ImageError } from '../errors.ts'
import { BlockReader, cutShort } from './block-reader.ts'
import { type Extension, extensionTypes, maximumExtension, readExtension } from './extension.ts'
import { blockSize, padding, readHeader, type TarHeader } from './header.ts'

/** One member of a tar that passes by. Its body can be read until the next entry is asked for. */
export interface TarEntry extends TarHeader {
  readonly body: Bytes
}

/** Reads a tar as it streams in; long names and pax records are already applied. @throws ImageError ARCHIVE_INVALID */
export async function* tarEntries(bytes: Bytes): AsyncGenerator<TarEntry> {
  await using reader = new BlockReader(bytes)
  let extension: Extension = {}
  for (;;) {
    const block = await reader.exactly(blockSize)
    const header = block === undefined ? undefined : readHeader(block)
    if (header === undefined) return await reader.drain()
    const size = extension.size !== undefined && !extensionTypes.includes(header.type) ? extension.size : header.size
    if (extensionTypes.includes(header.type)) {
      if (size > maximumExtension) throw new ImageError('ARCHIVE_INVALID', 'a tar extension header is too large')
      const body = await reader.exactly(size + padding(size))
      if (body === undefined) throw cutShort()
      extension = { ...extension, ...readExtension(header.type, body.subarray(0, size)) }
      continue
    }
    const end = reader.position + size
    yield { ...header, ...extension, size, body: reader.until(end) }
    await reader.skipTo(end + padding(size))
    extension = {}
  }
}
