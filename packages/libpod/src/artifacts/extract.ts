import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Descriptor } from '@libpod/image'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import type { ArtifactFile, ExtractArtifactOptions } from './artifacts.ts'
import { type ArtifactStore, type HeldArtifact, titleKey } from './store.ts'

/** @throws LibpodError ARTIFACT_UNKNOWN, SPEC_INVALID, IMAGE_INVALID when a file is not what its digest says */
export async function extractArtifact(
  store: ArtifactStore,
  name: string,
  target: string,
  options: ExtractArtifactOptions & Call = {},
): Promise<void> {
  if (options.digest && options.title) throw new LibpodError('SPEC_INVALID', 'cannot specify both digest and title')
  const artifact = await store.hold('read', () => store.find(name))
  if (artifact.layers.length === 0)
    throw new LibpodError('SPEC_INVALID', 'the artifact has no blobs, nothing to extract', { subject: name })
  const isDirectory = await stat(target).then(
    found => found.isDirectory(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
  const files = isDirectory ? filesFor(artifact, options) : [{ layer: onlyOne(artifact, target, options), name: '' }]
  for (const { layer, name: file } of files) {
    await copyOut(store, layer, { path: file === '' ? target : join(target, file), ...options })
  }
}

/** @throws LibpodError ARTIFACT_UNKNOWN, SPEC_INVALID */
export async function artifactFiles(
  store: ArtifactStore,
  name: string,
  options: ExtractArtifactOptions = {},
): Promise<readonly ArtifactFile[]> {
  if (options.digest && options.title) throw new LibpodError('SPEC_INVALID', 'cannot specify both digest and title')
  const artifact = await store.hold('read', () => store.find(name))
  if (artifact.layers.length === 0)
    throw new LibpodError('SPEC_INVALID', 'the artifact has no blobs, nothing to mount', { subject: name })
  return filesFor(artifact, options).map(file => ({ path: store.blobPath(file.layer), name: file.name }))
}

interface Extracted {
  readonly layer: Descriptor
  readonly name: string
}

function filesFor(artifact: HeldArtifact, options: ExtractArtifactOptions): readonly Extracted[] {
  if (options.digest || options.title) {
    const layer = chosen(artifact, options)
    return [{ layer, name: fileName(options.title ?? '', layer) }]
  }
  return artifact.layers.map(layer => ({ layer, name: fileName(layer.annotations?.[titleKey] ?? '', layer) }))
}

function onlyOne(artifact: HeldArtifact, target: string, options: ExtractArtifactOptions): Descriptor {
  const [only, ...more] = artifact.layers
  if (only !== undefined && more.length === 0) return only
  if (options.digest || options.title) return chosen(artifact, options)
  throw new LibpodError(
    'SPEC_INVALID',
    `the artifact consists of several blobs and the target ${JSON.stringify(target)} is not a directory and neither digest or title was specified to only copy a single blob`,
  )
}

function chosen({ layers }: HeldArtifact, { digest, title }: ExtractArtifactOptions): Descriptor {
  const [what, wanted] = title ? ['title', title] : ['digest', digest]
  const [found, ...more] = layers.filter(layer =>
    title ? layer.annotations?.[titleKey] === title : layer.digest === digest,
  )
  if (found !== undefined && more.length === 0) return found
  const why = found === undefined ? `no blob with the ${what}` : `more than one match for the ${what}`
  throw new LibpodError('SPEC_INVALID', `${why} ${JSON.stringify(wanted)}`)
}

/** A title comes from whoever made the artifact: it may be a name, never a path. */
function fileName(title: string, { digest }: Descriptor): string {
  const name = title === '' ? digest.replaceAll(':', '-') : title
  if (name.includes('/'))
    throw new LibpodError(
      'SPEC_INVALID',
      `invalid name: ${JSON.stringify(name)} cannot contain /: artifact blob title invalid`,
    )
  if (name === '.' || name === '..' || name.includes('\0'))
    throw new LibpodError('SPEC_INVALID', `invalid name: ${JSON.stringify(name)}: artifact blob title invalid`)
  return name
}

async function copyOut(
  store: ArtifactStore,
  layer: Descriptor,
  { path, signal }: { readonly path: string } & Call,
): Promise<void> {
  const hash = createHash('sha256')
  const hashing = async function* (bytes: AsyncIterable<Buffer>) {
    for await (const chunk of bytes) {
      hash.update(chunk)
      yield chunk
    }
  }
  const from = createReadStream(store.blobPath(layer))
  await pipeline(from, hashing, createWriteStream(path), ...(signal ? [{ signal }] : []))
  if (`sha256:${hash.digest('hex')}` === layer.digest) return
  await rm(path, { force: true })
  throw new LibpodError('IMAGE_INVALID', `the content of ${layer.digest} is not what its digest says`, {
    subject: layer.digest,
  })
}
