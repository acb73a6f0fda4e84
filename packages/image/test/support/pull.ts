import { readdir } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import type { ExecutionContext } from 'ava'
import {
  type AccessOptions,
  copyImage,
  type ImageErrorCode,
  insecureAcceptAnything,
  isImageError,
  parseImageName,
} from '../../src/index.ts'

/** Who pulls from registries that are up to no good, and how that looks on the wire. */
export const account = { username: 'user', password: 'secret-password' }
export const basic = `Basic ${Buffer.from('user:secret-password').toString('base64')}`

export interface Pull {
  readonly error: unknown
  /** What was left in the directory that the image was to be in. */
  readonly files: readonly string[]
}

/** Pulls `team/app:1` into a directory, and tells what came of it. */
export async function pull(t: ExecutionContext, host: string, source: AccessOptions): Promise<Pull> {
  const target = join(await tempDir(t, 'pull'), 'image')
  const copied = copyImage(parseImageName(`docker://${host}/team/app:1`), parseImageName(`dir:${target}`), {
    policy: insecureAcceptAnything,
    source,
  })
  const error = await copied.then(
    () => undefined,
    (failure: unknown) => failure,
  )
  return { error, files: await readdir(target).catch(() => []) }
}

/** The pull failed with one of the codes, left nothing behind, and gave no secret away. */
export function refuses(t: ExecutionContext, { error, files }: Pull, ...codes: readonly ImageErrorCode[]): void {
  t.true(isImageError(error, ...codes), String(error))
  t.deepEqual(files, [])
  t.notRegex(String((error as Error).stack), /secret-password/)
}

const huge = 5 * 1024 ** 3

/** Sends blanks until the other side has had enough; `length`: says beforehand how many. */
export async function flood(response: ServerResponse, status: number, length: 'told' | 'untold'): Promise<void> {
  response.writeHead(status, { ...(length === 'told' && { 'content-length': huge }), 'docker-content-digest': '' })
  const piece = Buffer.alloc(1024 * 1024, 0x20)
  for (let sent = 0; sent < 512 && !response.destroyed; sent++) {
    if (response.write(piece)) continue
    const { promise, resolve } = Promise.withResolvers<void>()
    response.once('drain', resolve).once('close', resolve)
    await promise
  }
  response.destroy()
}
