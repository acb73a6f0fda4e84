import type { Call } from '../call.ts'
import type { Digest } from '../digest.ts'
import { ImageError } from '../errors.ts'
import { manifestDigest, parseManifest } from '../manifest/manifest.ts'
import type { AccessOptions, ImageSource, Reference } from '../transports/transport.ts'
import { addToLookaside, findLookaside } from './lookaside.ts'
import { serializeSignature } from './serialize.ts'
import type { Signer } from './signer.ts'

/** How an image is signed where it lies. */
export interface LookasideSigning {
  readonly signer: Signer
  /** `all`: every image of an index, and not the index. */
  readonly instances: 'all' | 'named'
  readonly access?: AccessOptions
  /** A `file:` address used instead of the one that registries.d names. */
  readonly directory?: URL
}

/** Signs an image of any transport that gives it a name, and keeps the signature beside those there are. @throws ImageError SIGNING_FAILED */
export async function signIntoLookaside(
  reference: Reference,
  signing: LookasideSigning,
  call: Call = {},
): Promise<void> {
  const { access = {}, directory, signer } = signing
  const name = reference.dockerReference
  if (name === undefined || reference.openSource === undefined) {
    const where = `${reference.transport}:${reference.text}`
    throw new ImageError('SIGNING_FAILED', `cannot determine canonical Docker reference for destination ${where}`)
  }
  await using source = await reference.openSource(access, call)
  const digests = await digestsOf(source, signing.instances, reference.text)
  const base = directory ?? (await findLookaside(name, access)).write
  for (const digest of digests) {
    await addToLookaside(base, { name, digest }, serializeSignature(await signer.sign(digest, name)))
  }
}

async function digestsOf(source: ImageSource, instances: 'all' | 'named', name: string): Promise<readonly Digest[]> {
  const { bytes, mediaType } = await source.manifest()
  if (instances === 'named') return [manifestDigest(bytes, mediaType)]
  const manifest = parseManifest(bytes, mediaType)
  if (manifest.kind === 'index') return manifest.manifests.map(({ digest }) => digest)
  throw new ImageError(
    'SIGNING_FAILED',
    `${name} is not a multi-architecture image (manifest type ${manifest.mediaType})`,
  )
}
