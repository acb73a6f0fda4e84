import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bytes } from '../../call.ts'
import type { Digest } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import { BlobWriter } from '../../files/blob-writer.ts'
import { directoryFiles } from '../../files/directory.ts'
import { makeDirectory } from '../../files/make-directory.ts'
import { fileProblem } from '../../files/problem.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { serializeSignature } from '../../signature/serialize.ts'
import type { Signature } from '../../signature/signature.ts'
import { once } from '../oci/destination.ts'
import type { DestinationWants, ImageDestination, LayerToPut, RawManifest } from '../transport.ts'
import { blobFile, manifestFile, signatureFile, versionFile, versionText } from './layout.ts'

/** Writes into a new, empty or earlier such directory; an earlier image is replaced on commit. @throws ImageError DESTINATION_REFUSED */
export async function openDestination(path: string): Promise<ImageDestination> {
  const refuse = (cause: Error): never => {
    throw new ImageError('DESTINATION_REFUSED', `opening ${path}: ${fileProblem(cause)}`, { subject: path, cause })
  }
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? undefined : refuse(error),
  )
  if (names !== undefined && names.length > 0) await requireOurs(path)
  await makeDirectory(path).catch(refuse)
  return new DirDestination(path, names)
}

async function requireOurs(path: string): Promise<void> {
  const version = await readFile(join(path, versionFile), 'utf8').catch(() => '')
  if (version.startsWith('Directory Transport Version: ')) return
  throw new ImageError(
    'DESTINATION_REFUSED',
    "not a containers image directory, don't want to overwrite important data",
    { subject: path },
  )
}

/** Removes the directory of an image. */
export async function deleteDirectory(path: string): Promise<void> {
  await requireOurs(path)
  await rm(path, { recursive: true })
}

class DirDestination implements ImageDestination {
  readonly wants: DestinationWants = {
    manifestTypes: [],
    layers: 'as-they-are',
    os: 'any',
    pieces: 'lent',
    parallelBlobs: 4,
    indexes: 'yes',
  }
  readonly #path: string
  readonly #before: readonly string[] | undefined
  readonly #blobs: BlobWriter
  readonly #pending = new Map<string, Uint8Array>()
  readonly #used = new Set<string>([versionFile])

  constructor(path: string, before: readonly string[] | undefined) {
    this.#path = path
    this.#before = before
    this.#blobs = new BlobWriter(path, blobFile)
  }

  async findLayer({ digest, mediaType, size }: LayerToPut): Promise<Descriptor | undefined> {
    const found = digest === undefined ? undefined : await directoryFiles(this.#path).find(blobFile(digest))
    if (found === undefined || digest === undefined || found.length !== size) return undefined
    this.#used.add(blobFile(digest))
    return { mediaType, digest, size }
  }

  async putLayer(layer: LayerToPut, _index: number, bytes: Bytes): Promise<Descriptor> {
    const stored = await this.#blobs.write(bytes, layer.digest)
    this.#used.add(blobFile(stored.digest))
    return { mediaType: layer.mediaType, ...stored }
  }

  async putConfig(config: Descriptor, bytes: Uint8Array): Promise<void> {
    await this.#blobs.write(once(bytes), config.digest)
    this.#used.add(blobFile(config.digest))
  }

  async putManifest({ bytes }: RawManifest, instance?: Digest): Promise<void> {
    this.#pending.set(manifestFile(instance), bytes)
  }

  async putSignatures(signatures: readonly Signature[], instance?: Digest): Promise<void> {
    for (const [index, signature] of signatures.entries()) {
      this.#pending.set(signatureFile(index + 1, instance), serializeSignature(signature))
    }
  }

  async commit(): Promise<void> {
    await writeFile(join(this.#path, versionFile), versionText)
    for (const [name, bytes] of this.#pending) await writeFile(join(this.#path, name), bytes)
    this.#blobs.keep()
    const old = (this.#before ?? []).filter(name => !this.#used.has(name) && !this.#pending.has(name))
    for (const name of old) if (isOurs(name)) await rm(join(this.#path, name), { force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#blobs.undo()
    const names = await readdir(this.#path).catch(() => [])
    if (this.#before === undefined && names.length === 0) await rm(this.#path, { recursive: true, force: true })
  }
}

/** Files that this format makes; others are never touched. */
const isOurs = (name: string): boolean =>
  /^(?:(?:sha[0-9]+-)?[0-9a-f]{64,128}|manifest\.json|signature-[0-9]+|(?:sha[0-9]+-)?[0-9a-f]{64,128}\.(?:manifest\.json|signature-[0-9]+))$/.test(
    name,
  )
