import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { decompress, sniffCompression } from '../copy/compression.ts'
import { ImageError } from '../errors.ts'
import { fileProblem } from '../files/problem.ts'
import { type ImageFiles, readShort } from '../files/range.ts'
import { indexTar } from './read-index.ts'

/** An archive open for random access. */
export interface OpenArchive extends AsyncDisposable {
  readonly files: ImageFiles
}

/**
 * Opens an archive; one that is compressed, or that is no regular file, is first spooled to a temporary file.
 * @throws ImageError ARCHIVE_INVALID, SOURCE_UNREADABLE
 */
export async function openArchive(path: string): Promise<OpenArchive> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new ImageError('SOURCE_UNREADABLE', `opening ${path}: ${fileProblem(cause)}`, { subject: path, cause })
  })
  if (found.isDirectory()) throw new ImageError('SOURCE_UNREADABLE', `${path} is a directory, not an archive`)
  const compression = found.isFile()
    ? sniffCompression(readShort({ path, offset: 0, length: Math.min(found.size, 8) }))
    : undefined
  if (compression === 'none') return { files: await indexTar(path), [Symbol.asyncDispose]: async () => undefined }
  return spooled(path)
}

async function spooled(path: string): Promise<OpenArchive> {
  const directory = await mkdtemp(
    join(process.env.TMPDIR ?? (process.platform === 'linux' ? '/var/tmp' : tmpdir()), 'image-archive-'),
  )
  const dispose = (): Promise<void> => rm(directory, { recursive: true, force: true })
  try {
    const plain = join(directory, 'archive.tar')
    const { peek } = await import('../copy/compression.ts')
    const { head, bytes } = await peek(createReadStream(path))
    await pipeline(decompress(bytes, sniffCompression(head)), createWriteStream(plain))
    return { files: await indexTar(plain), [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}
