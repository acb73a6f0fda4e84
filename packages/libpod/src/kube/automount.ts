import { posix } from 'node:path'
import { LibpodError } from '../errors.ts'
import type { RequestedMount } from '../spec/mount.ts'
import type { KubeRooms } from './rooms.ts'

const key = 'io.podman.annotations.kube.image.volumes.mount/'

/** What a container gets of the images that an annotation of its pod names: their VOLUMEs, read-only; of two at one place the latter's. @throws LibpodError IMAGE_UNKNOWN */
export async function automounts(
  { images }: Pick<KubeRooms, 'images'>,
  annotations: Readonly<Record<string, string>>,
  container: string,
): Promise<readonly RequestedMount[]> {
  const found = new Map<string, RequestedMount>()
  for (const name of (annotations[`${key}${container}`] ?? '').split(';').filter(Boolean)) {
    const { config, resolvedName } = await images.lookup(name).catch((cause: unknown) => {
      if (!(cause instanceof LibpodError)) throw cause
      const text = `image ${name} from container ${container} does not exist in local storage, cannot automount`
      throw new LibpodError(cause.code, `${text}: ${cause.message}`, { subject: name, cause })
    })
    for (const path of config.volumes) {
      const destination = posix.resolve('/', path)
      found.set(destination, { kind: 'image', image: resolvedName, destination, readWrite: 'no', subPath: destination })
    }
  }
  return [...found.values()]
}
