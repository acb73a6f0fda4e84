import { type Digest, digestAlgorithm, digestHex } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import { type ImageFiles, readSmall } from '../../files/range.ts'
import { parseJson } from '../../json/parse.ts'
import { Reader } from '../../json/read.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { type IndexManifest, maximumManifestSize, parseManifest } from '../../manifest/manifest.ts'
import { mediaTypes } from '../../manifest/media-types.ts'
import type { LayoutName } from './layout-name.ts'

export const layoutFile = 'oci-layout'
export const indexFile = 'index.json'
export const layoutVersion = '{"imageLayoutVersion":"1.0.0"}'
export const refName = 'org.opencontainers.image.ref.name'

/** Where a blob lies in a layout. */
export const blobPath = (digest: Digest): string => `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`

/** @throws ImageError ARCHIVE_INVALID when the files are no OCI layout */
export async function readLayoutIndex(files: ImageFiles): Promise<IndexManifest> {
  const layout = new Reader(
    parseJson(await readSmall(files, layoutFile, 4096), layoutFile),
    layoutFile,
    'ARCHIVE_INVALID',
  )
  const version = layout.get('imageLayoutVersion').string()
  if (!version.startsWith('1.'))
    throw new ImageError('ARCHIVE_INVALID', `OCI layout version ${version} is not supported`)
  const index = parseManifest(await readSmall(files, indexFile, maximumManifestSize), mediaTypes.ociIndex)
  if (index.kind !== 'index') throw new ImageError('ARCHIVE_INVALID', `${indexFile} is not an image index`)
  return index
}

/** The same of the layout at a path, which an error then names. */
export async function layoutIndexAt(path: string, files: ImageFiles): Promise<IndexManifest> {
  try {
    return await readLayoutIndex(files)
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    throw new ImageError(error.code, `${path || '.'}: ${error.message}`, { subject: path, cause: error })
  }
}

/** The descriptor a name means. @throws ImageError IMAGE_UNKNOWN */
export function chooseImage({ manifests }: IndexManifest, name: LayoutName): Descriptor {
  const { image, index } = name
  if (index !== undefined) return required(manifests[index], name)
  if (image !== undefined)
    return required(
      manifests.find(({ annotations }) => annotations?.[refName] === image),
      name,
    )
  if (manifests.length > 1)
    throw new ImageError('IMAGE_UNKNOWN', 'more than one image in oci, choose an image', { subject: name.path })
  return required(manifests[0], name)
}

function required(found: Descriptor | undefined, { path, image, index }: LayoutName): Descriptor {
  if (found !== undefined) return found
  const what = image ?? (index === undefined ? '' : `@${index}`)
  throw new ImageError('IMAGE_UNKNOWN', `no descriptor found for reference ${JSON.stringify(what)}`, {
    subject: `${path}:${what}`,
  })
}
