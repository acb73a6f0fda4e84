import type { Bytes, FileRange } from '../../call.ts'
import type { Digest } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import { directoryFiles } from '../../files/directory.ts'
import { type ImageFiles, readSmall, streamRange } from '../../files/range.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { maximumManifestSize } from '../../manifest/manifest.ts'
import { maximumSignatures } from '../../signature/lookaside.ts'
import { deserializeSignature } from '../../signature/serialize.ts'
import type { Signature } from '../../signature/signature.ts'
import type { ImageSource, RawManifest } from '../transport.ts'
import { blobFile, manifestFile, signatureFile } from './layout.ts'

export async function openSource(path: string): Promise<ImageSource> {
  const files = directoryFiles(path)
  if ((await files.find(manifestFile())) === undefined) {
    throw new ImageError('SOURCE_UNREADABLE', `open ${path}/${manifestFile()}: no such file or directory`, {
      subject: path,
    })
  }
  return new DirSource(files)
}

class DirSource implements ImageSource {
  readonly parallelBlobs = 6
  readonly #files: ImageFiles

  constructor(files: ImageFiles) {
    this.#files = files
  }

  async manifest(instance?: Digest): Promise<RawManifest> {
    return { bytes: await readSmall(this.#files, manifestFile(instance), maximumManifestSize), mediaType: '' }
  }

  async blob(blob: Descriptor, from: number): Promise<Bytes> {
    const range = await this.blobFile(blob)
    if (range === undefined)
      throw new ImageError('BLOB_UNKNOWN', `the directory has no blob ${blob.digest}`, { subject: blob.digest })
    return streamRange(range, from)
  }

  blobFile(blob: Descriptor): Promise<FileRange | undefined> {
    return this.#files.find(blobFile(blob.digest))
  }

  async signatures(instance?: Digest): Promise<readonly Signature[]> {
    const found: Signature[] = []
    for (let number = 1; number <= maximumSignatures; number++) {
      const name = signatureFile(number, instance)
      if ((await this.#files.find(name)) === undefined) break
      found.push(deserializeSignature(await readSmall(this.#files, name, maximumManifestSize)))
    }
    return found
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
