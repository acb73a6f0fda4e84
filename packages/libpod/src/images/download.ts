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

/** The address without what may be a secret in it. */
function unavailable(url: string, why: string, cause?: unknown): LibpodError {
  const { origin, host } = new URL(url)
  return new LibpodError('IMAGE_UNAVAILABLE', `downloading ${origin}…: ${why}`, { subject: host, cause })
}

/** What fetch says of a server that it cannot reach is in its cause. */
function unreachable(error: unknown): string {
  const why: unknown = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(why instanceof Error)) return String(why)
  return why.message || ('code' in why ? String(why.code) : why.name)
}

/** Fetches into a file, which can be read from more than one place and by a worker. @throws LibpodError IMAGE_UNAVAILABLE */
export async function download(url: string, signal?: AbortSignal): Promise<Downloaded> {
  const response = await fetch(url, signal ? { signal } : {}).catch(cause => {
    signal?.throwIfAborted()
    throw unavailable(url, unreachable(cause), cause)
  })
  if (!response.ok || !response.body) throw unavailable(url, `${response.status} ${response.statusText}`)
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
