import { ImageError } from '../../errors.ts'
import { type ImageFiles, readSmall } from '../../files/range.ts'
import { parseJson } from '../../json/parse.ts'
import { Reader } from '../../json/read.ts'
import { formatDockerReference, parseDockerReference } from '../../reference/docker-reference.ts'
import type { ArchiveName } from './archive-name.ts'

export const contentsFile = 'manifest.json'
const maximumContents = 1024 * 1024

/** One image of an archive: members of the tar that hold its config and layers, and its names. */
export interface ArchivedImage {
  readonly config: string
  readonly tags: readonly string[]
  readonly layers: readonly string[]
}

/** @throws ImageError ARCHIVE_INVALID */
export async function readContents(files: ImageFiles): Promise<readonly ArchivedImage[]> {
  const json = parseJson(await readSmall(files, contentsFile, maximumContents), contentsFile)
  return new Reader(json, contentsFile, 'ARCHIVE_INVALID').items().map(item => ({
    config: item.get('Config').string(),
    tags: item.get('RepoTags').strings(),
    layers: item.get('Layers').strings(),
  }))
}

/** @throws ImageError IMAGE_UNKNOWN */
export function chooseArchived(images: readonly ArchivedImage[], { path, name, index }: ArchiveName): ArchivedImage {
  if (name !== undefined) {
    const wanted = formatDockerReference(name)
    const found = images.find(({ tags }) => tags.some(tag => normalized(tag) === wanted))
    return found ?? missing(`Tag ${JSON.stringify(wanted)} not found`, path)
  }
  if (index !== undefined) {
    return (
      images[index] ?? missing(`Invalid source index @${index}, only ${images.length} manifest items available`, path)
    )
  }
  if (images.length > 1) return missing('more than one image in docker-archive, choose an image', path)
  return images[0] ?? missing('the archive holds no image', path)
}

function normalized(tag: string): string {
  try {
    return formatDockerReference(parseDockerReference(tag))
  } catch {
    return tag
  }
}

function missing(why: string, path: string): never {
  throw new ImageError('IMAGE_UNKNOWN', why, { subject: path })
}
