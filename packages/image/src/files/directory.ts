import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageFiles } from './range.ts'

/** The files of a directory; names come from digests and constants, never from a document. */
export function directoryFiles(directory: string): ImageFiles {
  return {
    async find(name) {
      const path = join(directory, name)
      const found = await stat(path).catch(() => undefined)
      return found?.isFile() ? { path, offset: 0, length: found.size } : undefined
    },
  }
}
