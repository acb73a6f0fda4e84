import type { TarEntry } from './entry.ts'
import { TarReader } from './reader.ts'
import type { Unpacker } from './unpack.ts'

/** Unpacks an uncompressed tar. @throws StorageError as Unpacker and TarReader */
export function unpackTar(chunks: Iterable<Buffer>, unpacker: Unpacker): void {
  const reader = unpackingReader(unpacker)
  for (const chunk of chunks) reader.push(chunk)
  reader.end()
  unpacker.end()
}

/** Reads a tar and unpacks what it sees. */
export function unpackingReader(unpacker: Unpacker): TarReader {
  let current: TarEntry | undefined
  return new TarReader({
    structure: () => {},
    entry: entry => {
      current = entry
      unpacker.begin(entry)
    },
    data: bytes => {
      if (current) unpacker.data(bytes, current)
    },
    entryEnd: entry => unpacker.finish(entry),
  })
}
