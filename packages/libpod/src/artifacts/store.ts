import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Descriptor,
  digestHex,
  type ImageDestination,
  type ImageManifest,
  isImageError,
  listHeldImages,
  parseImageName,
  parseManifest,
  type Reference,
  readManifest,
} from '@libpod/image'
import { Lockfile } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import { parseDocument } from '../images/document.ts'
import type { Artifact } from './artifacts.ts'

/** An artifact and what it is made of. */
export interface HeldArtifact extends Artifact {
  readonly reference: Reference
  readonly layers: readonly Descriptor[]
  readonly parsed: ImageManifest
}

const created = 'org.opencontainers.image.created'
export const titleKey = 'org.opencontainers.image.title'

/** The layout below a graph root, guarded by the lock that other tools take (go.podman.io/common's libartifact). */
export class ArtifactStore {
  readonly path: string
  readonly #lock: Lockfile

  constructor(graphRoot: string) {
    this.path = join(graphRoot, 'artifacts')
    this.#lock = new Lockfile(join(this.path, 'index.lock'))
  }

  /** Runs `work` while nobody else changes the layout. */
  async hold<T>(kind: 'read' | 'write', work: () => Promise<T>): Promise<T> {
    await mkdir(this.path, { recursive: true, mode: 0o700 })
    return this.#lock.hold(kind, work)
  }

  /** The place of a name in the layout. @throws LibpodError NAME_INVALID */
  reference(name: string): Reference {
    if (name === '') throw new LibpodError('NAME_INVALID', 'artifact name cannot be empty')
    try {
      return this.#guarded(parseImageName(`oci:${this.path}:${name}`))
    } catch (cause) {
      throw new LibpodError('NAME_INVALID', cause instanceof Error ? cause.message : String(cause), {
        subject: name,
        cause,
      })
    }
  }

  /** Blobs are moved without the lock, however long that takes; the index is read and changed with it. */
  #guarded(reference: Reference): Reference {
    const { openSource, openDestination } = reference
    if (openSource === undefined || openDestination === undefined) throw new TypeError('a layout is read and written')
    return {
      ...reference,
      openSource: (access, call) => this.hold('read', () => openSource(access, call)),
      openDestination: async (access, call) => {
        const destination = await this.hold('read', () => openDestination(access, call))
        return withCommit(destination, () => this.hold('write', () => destination.commit()))
      },
    }
  }

  async list(): Promise<readonly HeldArtifact[]> {
    const held = await listHeldImages('oci', this.path).catch((error: unknown) => {
      if (isImageError(error, 'ARCHIVE_INVALID', 'SOURCE_UNREADABLE')) return undefined
      throw error
    })
    if (held === undefined) return []
    return Promise.all(held.map(({ reference, names: [name = ''] }) => describe(reference, name)))
  }

  /** @throws LibpodError ARTIFACT_UNKNOWN, NAME_INVALID */
  async find(name: string): Promise<HeldArtifact> {
    if (name === '') throw new LibpodError('NAME_INVALID', 'artifact name cannot be empty')
    const all = await this.list()
    const found =
      all.find(artifact => artifact.name === name) ?? all.find(({ digest }) => digest.slice(7).startsWith(name))
    if (found !== undefined) return found
    throw new LibpodError('ARTIFACT_UNKNOWN', `${name}: artifact does not exist`, { subject: name })
  }

  /** Where the bytes of a blob lie. */
  blobPath({ digest }: Descriptor): string {
    return join(this.path, 'blobs', 'sha256', digestHex(digest))
  }

  /** Makes an empty layout where there is none. */
  async prepare(): Promise<void> {
    const index = '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'
    await mkdir(join(this.path, 'blobs', 'sha256'), { recursive: true })
    for (const [file, text] of [
      ['index.json', index],
      ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'],
    ] as const) {
      await writeFile(join(this.path, file), text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
      })
    }
  }
}

/** The same destination with another way to commit. */
const withCommit = (destination: ImageDestination, commit: () => Promise<void>): ImageDestination =>
  new Proxy(destination, {
    get(target, key) {
      if (key === 'commit') return commit
      const member: unknown = Reflect.get(target, key, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })

async function describe(reference: Reference, name: string): Promise<HeldArtifact> {
  const { bytes, mediaType, digest } = await readManifest(reference)
  const parsed = parseManifest(bytes, mediaType)
  if (parsed.kind !== 'image')
    throw new LibpodError('IMAGE_INVALID', `manifest ${JSON.stringify(reference.text)} is index list`, {
      subject: name,
    })
  const at = parsed.annotations?.[created]
  return {
    name,
    digest,
    size: parsed.layers.reduce((sum, { size }) => sum + size, 0),
    ...(at !== undefined && { created: at }),
    manifest: parseDocument(bytes) ?? {},
    reference,
    layers: parsed.layers,
    parsed,
  }
}
