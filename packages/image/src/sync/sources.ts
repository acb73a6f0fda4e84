import { glob, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import type { Call } from '../call.ts'
import { ImageError } from '../errors.ts'
import { type DockerReference, formatDockerReference, withDefaultTag, withTag } from '../reference/docker-reference.ts'
import { dir } from '../transports/dir/reference.ts'
import { listTags } from '../transports/docker/list.ts'
import { dockerReference } from '../transports/docker/reference.ts'
import type { AccessOptions, Reference } from '../transports/transport.ts'

/** What is synchronized: repositories, or directories of `dir:` images. */
export type SyncSource =
  /** With a tag or digest that image alone, else every tag; `tags` chooses among them. */
  | { readonly repository: DockerReference; readonly tags?: RegExp }
  /** Every `dir:` image at or below the path. */
  | { readonly directory: string }

/** One image to copy, and the name it goes by: `host/path:tag`, or its path below the directory. */
export interface SyncImage {
  readonly reference: Reference
  readonly name: string
}

/** @throws ImageError IMAGE_UNKNOWN when there is nothing to copy */
export async function expandSource(
  source: SyncSource,
  access: AccessOptions,
  call: Call,
): Promise<readonly SyncImage[]> {
  const images = 'directory' in source ? await inDirectory(source.directory) : await inRepository(source, access, call)
  if (images.length > 0) return images
  const where = 'directory' in source ? source.directory : formatDockerReference(source.repository)
  throw new ImageError('IMAGE_UNKNOWN', `No images to sync found in ${JSON.stringify(where)}`, { subject: where })
}

async function inRepository(
  { repository, tags = /(?:)/ }: Extract<SyncSource, { readonly repository: DockerReference }>,
  access: AccessOptions,
  call: Call,
): Promise<readonly SyncImage[]> {
  if (repository.tag !== undefined || repository.digest !== undefined) return [named(repository)]
  const all = await listTags(repository, access, call)
  return all.filter(tag => tags.test(tag)).map(tag => named(withTag(repository, tag)))
}

function named(name: DockerReference): SyncImage {
  const full = withDefaultTag(name)
  return { reference: dockerReference(full), name: formatDockerReference(full) }
}

async function inDirectory(path: string): Promise<readonly SyncImage[]> {
  await stat(path).catch((cause: Error) => {
    throw new ImageError('SOURCE_UNREADABLE', `opening ${path}: ${cause.message}`, { subject: path, cause })
  })
  const found = (await Array.fromAsync(glob('**/manifest.json', { cwd: path }))).map(file => dirname(join(path, file)))
  return found.sort().map(image => ({ reference: dir.parse(image), name: relative(path, image) || basename(image) }))
}
