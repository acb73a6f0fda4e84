import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { LibpodError } from '../errors.ts'

/** A file that goes when it is disposed of. */
export interface Downloaded extends AsyncDisposable {
  readonly path: string
}

export const isWebAddress = (text: string): boolean => /^https?:\/\//.test(text)

/** Fetches into a file, which can be read from more than one place and by a worker. @throws LibpodError IMAGE_UNAVAILABLE */
export async function download(url: string, signal?: AbortSignal): Promise<Downloaded> {
  const response = await fetch(url, signal ? { signal } : {})
  if (!response.ok || !response.body) {
    throw new LibpodError(
      'IMAGE_UNAVAILABLE',
      `downloading ${new URL(url).origin}…: ${response.status} ${response.statusText}`,
      { subject: new URL(url).host },
    )
  }
  const directory = await mkdtemp(join(process.env.TMPDIR ?? '/var/tmp', 'libpod-download-'))
  const path = join(directory, 'file')
  const dispose = (): Promise<void> => rm(directory, { recursive: true, force: true })
  try {
    await pipeline(Readable.fromWeb(response.body), createWriteStream(path, { mode: 0o600 }), signal ? { signal } : {})
  } catch (error) {
    await dispose()
    throw error
  }
  return { path, [Symbol.asyncDispose]: dispose }
}
