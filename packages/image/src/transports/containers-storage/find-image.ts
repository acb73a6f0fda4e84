import { digestHex } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import { formatDockerReference, parseDockerReference, repositoryName } from '../../reference/docker-reference.ts'
import type { StoredName } from './reference.ts'
import type { ImageRecordPort, StorePort } from './store-port.ts'

/** The record a name stands for. @throws ImageError IMAGE_UNKNOWN */
export async function findImage(store: StorePort, named: StoredName): Promise<ImageRecordPort> {
  const found =
    named.id === undefined
      ? ((await byPrefix(store, named)) ?? (await byName(store, named)))
      : await store.images.get(named.id)
  if (found !== undefined) return found
  const text = named.name === undefined ? `@${named.id}` : formatDockerReference(named.name)
  throw new ImageError(
    'IMAGE_UNKNOWN',
    `reference ${JSON.stringify(text)} does not resolve to an image ID: identifier is not an image`,
    {
      subject: text,
    },
  )
}

/** A short name may be the beginning of an id. */
async function byPrefix(store: StorePort, { prefix }: StoredName): Promise<ImageRecordPort | undefined> {
  const found = prefix === undefined ? undefined : await store.images.get(prefix)
  return prefix !== undefined && found?.id.startsWith(prefix) ? found : undefined
}

/** A name with a digest is good for every image with that digest whose repository has been given to it. */
async function byName(store: StorePort, { name }: StoredName): Promise<ImageRecordPort | undefined> {
  if (name === undefined) return undefined
  const exact = await store.images.get(formatDockerReference(name))
  if (exact !== undefined || name.digest === undefined) return exact
  const repository = repositoryName(name)
  const candidates = await store.images.byDigest(name.digest)
  return candidates.find(image => image.names.some(other => repositoryOf(other) === repository))
}

function repositoryOf(name: string): string | undefined {
  try {
    return repositoryName(parseDockerReference(name))
  } catch {
    return undefined
  }
}

/** The key a manifest's signatures are stored under: sha256 is left out of the name. */
export const signatureKey = (digest: Parameters<typeof digestHex>[0]): string =>
  `signature-${digest.startsWith('sha256:') ? digestHex(digest) : digest.replace(':', '-')}`
