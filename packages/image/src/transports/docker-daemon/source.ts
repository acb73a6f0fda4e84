import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Call } from '../../call.ts'
import { ImageError } from '../../errors.ts'
import { formatDockerReference } from '../../reference/docker-reference.ts'
import { openSource as openArchived } from '../docker-archive/source.ts'
import type { AccessOptions, ImageSource } from '../transport.ts'
import { connectDaemon, unreachable } from './daemon.ts'
import type { DaemonImage } from './reference.ts'

/** Spools what the daemon exports, for its archive is only complete when it has been read. */
export async function openSource(image: DaemonImage, access: AccessOptions, call: Call = {}): Promise<ImageSource> {
  const directory = await mkdtemp(join(tmpdir(), 'image-daemon-'))
  const dispose = (): Promise<void> => rm(directory, { recursive: true, force: true })
  try {
    const path = join(directory, 'image.tar')
    await download(image, path, { access, call })
    const source = await openArchived({ path })
    const close = source[Symbol.asyncDispose].bind(source)
    return Object.assign(source, {
      [Symbol.asyncDispose]: async () => {
        await close()
        await dispose()
      },
    })
  } catch (error) {
    await dispose()
    throw error
  }
}

async function download(
  image: DaemonImage,
  path: string,
  { access, call }: { access: AccessOptions; call: Call },
): Promise<void> {
  const { dispatcher, origin } = await connectDaemon(access)
  const name = 'id' in image ? image.id : formatDockerReference(image.name)
  try {
    const signal = call.signal === undefined ? {} : { signal: call.signal }
    const request = { origin, path: `/v1.24/images/${encodeURIComponent(name)}/get`, method: 'GET' as const, ...signal }
    const response = await dispatcher.request(request).catch((cause: unknown) => {
      throw unreachable(cause)
    })
    if (response.statusCode !== 200) {
      await response.body.dump()
      throw new ImageError('IMAGE_UNKNOWN', `loading image ${name} from docker engine: status ${response.statusCode}`, {
        subject: name,
      })
    }
    await pipeline(response.body, createWriteStream(path))
  } finally {
    await dispatcher.destroy()
  }
}
