import type { Digest } from './digest.ts'
import { parseJson } from './json/parse.ts'
import { Reader } from './json/read.ts'
import type { Descriptor } from './manifest/descriptor.ts'
import { openReadSource, type ReadOptions, readImageFrom } from './read-image.ts'
import { repositoryName } from './reference/docker-reference.ts'
import type { Reference } from './transports/transport.ts'

/** What people want to know of an image, as `skopeo inspect` tells it. */
export interface InspectedImage {
  /** The repository, '' for an image without a docker-style name. */
  readonly name: string
  /** Of what the name stands for: the index's where there is one. */
  readonly digest: Digest
  /** RFC 3339; undefined when the image does not say. */
  readonly created: string | undefined
  readonly author: string
  readonly dockerVersion: string
  readonly labels: Readonly<Record<string, string>>
  readonly architecture: string
  readonly variant: string
  readonly os: string
  readonly env: readonly string[]
  readonly layers: readonly Descriptor[]
}

/** Reads manifest and config of an image, of an index the one for the platform; layers are left where they are. */
export async function inspectImage(reference: Reference, options: ReadOptions = {}): Promise<InspectedImage> {
  await using source = await openReadSource(reference, options)
  const { manifest, index, config: bytes, layers } = await readImageFrom(source, reference, options)
  const config = new Reader(parseJson(bytes, 'image config'), 'image config', 'CONFIG_INVALID')
  const settings = config.get('config')
  const created = config.get('created').stringOr('')
  const { dockerReference } = reference
  return {
    name: dockerReference === undefined ? '' : repositoryName(dockerReference),
    digest: index?.digest ?? manifest.digest,
    created: created === '' ? undefined : created,
    author: config.get('author').stringOr(''),
    dockerVersion: config.get('docker_version').stringOr(''),
    labels: settings.present ? (settings.get('Labels').stringMap() ?? {}) : {},
    architecture: config.get('architecture').stringOr(''),
    variant: config.get('variant').stringOr(''),
    os: config.get('os').stringOr(''),
    env: settings.present ? settings.get('Env').strings() : [],
    layers,
  }
}
