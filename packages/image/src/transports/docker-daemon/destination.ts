import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Call } from '../../call.ts'
import { ImageError } from '../../errors.ts'
import { quote, readBody } from '../docker/body.ts'
import { openSingle } from '../docker-archive/writer.ts'
import type { AccessOptions, ImageDestination } from '../transport.ts'
import { connectDaemon, unreachable } from './daemon.ts'
import type { DaemonImage } from './reference.ts'

/** Collects an archive and has the daemon load it on commit. @throws ImageError DESTINATION_REFUSED */
export async function openDestination(
  image: DaemonImage,
  access: AccessOptions,
  call: Call = {},
): Promise<ImageDestination> {
  if ('id' in image || image.name.tag === undefined)
    throw new ImageError('DESTINATION_REFUSED', 'Invalid destination docker-daemon: a destination must be a name:tag')
  const directory = await mkdtemp(join(tmpdir(), 'image-daemon-'))
  const path = join(directory, 'image.tar')
  const inner = await openSingle({ path, name: image.name })
  const commit = inner.commit.bind(inner)
  const close = inner[Symbol.asyncDispose].bind(inner)
  return Object.assign(inner, {
    commit: async () => {
      await commit()
      await upload(path, access, call)
    },
    [Symbol.asyncDispose]: async () => {
      await close()
      await rm(directory, { recursive: true, force: true })
    },
  })
}

async function upload(path: string, access: AccessOptions, call: Call): Promise<void> {
  const { dispatcher, origin } = await connectDaemon(access)
  try {
    const request = {
      ...{ origin, path: '/v1.24/images/load?quiet=1', method: 'POST' as const },
      headers: { 'content-type': 'application/x-tar' },
      body: createReadStream(path),
      ...(call.signal !== undefined && { signal: call.signal }),
    }
    const response = await dispatcher.request(request).catch((cause: unknown) => {
      throw unreachable(cause)
    })
    const said = (await readBody(response.body, 1024 * 1024, 'reply of the Docker daemon')).toString('utf8')
    if (response.statusCode !== 200 || said.includes('"error"')) {
      throw new ImageError('DESTINATION_REFUSED', `loading image to docker engine: ${quote(said)}`, {
        status: response.statusCode,
      })
    }
  } finally {
    await dispatcher.destroy()
  }
}
