import { stat } from 'node:fs/promises'
import type { Bytes } from '../../call.ts'
import { counting, hashing, type Seen } from '../../copy/verify.ts'
import { type Digest, digestHex } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { parseManifest } from '../../manifest/manifest.ts'
import { mediaTypes } from '../../manifest/media-types.ts'
import { type DockerReference, formatDockerReference } from '../../reference/docker-reference.ts'
import { TarWriter } from '../../tar/writer.ts'
import { once } from '../oci/destination.ts'
import type { DestinationWants, ImageDestination, LayerToPut, RawManifest, Reference } from '../transport.ts'
import type { ArchiveName } from './archive-name.ts'
import { contentsFile } from './contents.ts'
import { dockerArchive } from './reference.ts'

/** What readers of such archives call every layer, compressed or not; the manifest's digest depends on it. */
const layerType = mediaTypes.dockerLayerGzip

interface Entry {
  readonly Config: string
  readonly RepoTags: string[]
  readonly Layers: readonly string[]
}

/** An archive being made of several images; layers they share are stored once. `finish` puts it in place. */
export class DockerArchiveWriter implements AsyncDisposable {
  readonly #tar: TarWriter
  readonly path: string
  readonly #files = new Map<Digest, number>()
  readonly #entries: Entry[] = []

  private constructor(path: string, tar: TarWriter) {
    this.path = path
    this.#tar = tar
  }

  /** @throws ImageError DESTINATION_REFUSED when there is a file that is not empty */
  static async create(path: string): Promise<DockerArchiveWriter> {
    const there = await stat(path).catch(() => undefined)
    if (there?.isFile() && there.size > 0)
      throw new ImageError('DESTINATION_REFUSED', "docker-archive doesn't support modifying existing images", {
        subject: path,
      })
    return new DockerArchiveWriter(path, await TarWriter.create(path))
  }

  /** Where to copy one image to; `tags` are its names in the archive. */
  reference(tags: readonly DockerReference[]): Reference {
    const [first] = tags
    return {
      transport: dockerArchive.name,
      text: first === undefined ? this.path : `${this.path}:${formatDockerReference(first)}`,
      ...(first !== undefined && { dockerReference: first }),
      policyScopes: [],
      openDestination: async () => new ArchiveDestination(this, tags, async () => undefined),
    }
  }

  /** The size of a stored blob. */
  sizeOf(digest: Digest): number | undefined {
    return this.#files.get(digest)
  }

  /** Stores a blob under its digest, which is found out when it is not known. */
  async addBlob(bytes: Bytes, ending: '.tar' | '.json', known?: Digest): Promise<{ digest: Digest; size: number }> {
    const seen: Seen = { digest: known, size: 0 }
    const digest = (): Digest => {
      if (seen.digest === undefined) throw new TypeError('the blob has not been read')
      return seen.digest
    }
    const body = known === undefined ? hashing(bytes, seen) : counting(bytes, seen)
    await this.#tar.add(body, () => `${digestHex(digest())}${ending}`)
    this.#files.set(digest(), seen.size)
    return { digest: digest(), size: seen.size }
  }

  addImage(entry: Entry): void {
    const same = this.#entries.find(({ Config }) => Config === entry.Config)
    if (same === undefined) this.#entries.push(entry)
    else same.RepoTags.push(...entry.RepoTags.filter(tag => !same.RepoTags.includes(tag)))
  }

  async finish(): Promise<void> {
    const contents = this.#entries.map(entry => ({
      ...entry,
      RepoTags: entry.RepoTags.length > 0 ? entry.RepoTags : null,
    }))
    await this.#tar.add(once(Buffer.from(`${JSON.stringify(contents)}`)), () => contentsFile)
    await this.#tar.finish()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#tar[Symbol.asyncDispose]()
  }
}

/** An archive of one image. @throws ImageError DESTINATION_REFUSED */
export async function openSingle(name: ArchiveName): Promise<ImageDestination> {
  if (name.index !== undefined)
    throw new ImageError('DESTINATION_REFUSED', 'an index number cannot be written to', { subject: name.path })
  const writer = await DockerArchiveWriter.create(name.path)
  return new ArchiveDestination(writer, name.name === undefined ? [] : [name.name], () => writer.finish(), writer)
}

class ArchiveDestination implements ImageDestination {
  readonly wants: DestinationWants = {
    manifestTypes: [mediaTypes.dockerManifest],
    layers: 'uncompressed',
    os: 'any',
    pieces: 'lent',
    parallelBlobs: 1,
    indexes: 'no',
  }
  readonly #writer: DockerArchiveWriter
  readonly #tags: readonly DockerReference[]
  readonly #end: () => Promise<void>
  readonly #owned: AsyncDisposable | undefined
  #entry: Entry | undefined

  constructor(
    writer: DockerArchiveWriter,
    tags: readonly DockerReference[],
    end: () => Promise<void>,
    owned?: AsyncDisposable,
  ) {
    this.#writer = writer
    this.#tags = tags
    this.#end = end
    this.#owned = owned
  }

  async findLayer({ diffId }: LayerToPut): Promise<Descriptor | undefined> {
    const size = diffId === undefined ? undefined : this.#writer.sizeOf(diffId)
    return diffId === undefined || size === undefined ? undefined : { mediaType: layerType, digest: diffId, size }
  }

  async putLayer({ digest }: LayerToPut, _index: number, bytes: Bytes): Promise<Descriptor> {
    return { mediaType: layerType, ...(await this.#writer.addBlob(bytes, '.tar', digest)) }
  }

  async putConfig(config: Descriptor, bytes: Uint8Array): Promise<void> {
    if (this.#writer.sizeOf(config.digest) === undefined) await this.#writer.addBlob(once(bytes), '.json')
  }

  async putManifest({ bytes, mediaType }: RawManifest): Promise<void> {
    const manifest = parseManifest(bytes, mediaType)
    if (manifest.kind !== 'image')
      throw new ImageError('MANIFEST_UNSUPPORTED', 'only an image fits into a docker archive')
    this.#entry = {
      Config: `${digestHex(manifest.config.digest)}.json`,
      RepoTags: this.#tags.map(formatDockerReference),
      Layers: manifest.layers.map(({ digest }) => `${digestHex(digest)}.tar`),
    }
  }

  async commit(): Promise<void> {
    if (this.#entry === undefined) throw new TypeError('commit comes after putManifest')
    this.#writer.addImage(this.#entry)
    await this.#end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned?.[Symbol.asyncDispose]()
  }
}
