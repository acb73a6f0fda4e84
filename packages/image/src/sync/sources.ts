import { glob, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import type { Call } from '../call.ts'
import { ImageError } from '../errors.ts'
import { fileProblem } from '../files/problem.ts'
import { type DockerReference, formatDockerReference, withDefaultTag, withTag } from '../reference/docker-reference.ts'
import { dir } from '../transports/dir/reference.ts'
import { listTags } from '../transports/docker/list.ts'
import { dockerReference } from '../transports/docker/reference.ts'
import type { AccessOptions, Reference } from '../transports/transport.ts'
import { parseSyncList } from './list.ts'

/** What is synchronized: repositories, or directories of `dir:` images. */
export type SyncSource =
  /** With a tag or digest that image alone, else every tag; `tags` chooses among them. */
  | { readonly repository: DockerReference; readonly tags?: RegExp }
  /** Every `dir:` image at or below the path. */
  | { readonly directory: string }
  /** What a YAML file lists, as skopeo-sync(1) has it. */
  | { readonly list: string }

/** One image to copy, and the name it goes by: `host/path:tag`, or its path below the directory. */
export interface SyncImage {
  readonly reference: Reference
  readonly name: string
  /** How it is reached, where the source says so. */
  readonly access?: AccessOptions
  /** Why the images of this repository could not be found out. */
  readonly error?: unknown
}

/** @throws ImageError IMAGE_UNKNOWN when there is nothing to copy; SYNC_LIST_INVALID */
export async function expandSource(
  source: SyncSource,
  access: AccessOptions,
  call: Call & { readonly failures?: 'stop' | 'collect' },
): Promise<readonly SyncImage[]> {
  if ('list' in source) return something(await inList(source.list, access, call), source.list)
  if ('directory' in source) return something(await inDirectory(source.directory), source.directory)
  return something(await inRepository(source, access, call), formatDockerReference(source.repository))
}

function something(images: readonly SyncImage[], where: string): readonly SyncImage[] {
  if (images.length > 0) return images
  throw new ImageError('IMAGE_UNKNOWN', `No images to sync found in ${JSON.stringify(where)}`, { subject: where })
}

/** A repository that cannot be listed need not keep the others from being copied. */
async function inList(
  path: string,
  access: AccessOptions,
  call: Call & { readonly failures?: 'stop' | 'collect' },
): Promise<readonly SyncImage[]> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new ImageError('SOURCE_UNREADABLE', `opening ${path}: ${fileProblem(cause)}`, { subject: path, cause })
  })
  const found: SyncImage[] = []
  for (const { repository, images, access: own } of parseSyncList(text, path)) {
    const reached = { ...access, ...own }
    try {
      const names = typeof images === 'function' ? await chosen(repository, images, { access: reached, call }) : images
      found.push(...names.map(name => ({ ...named(name), access: own })))
    } catch (error) {
      if (call.failures !== 'collect' || call.signal?.aborted) throw error
      found.push({ reference: dockerReference(repository), name: formatDockerReference(repository), error })
    }
  }
  return found
}

async function chosen(
  repository: DockerReference,
  choose: (tag: string) => boolean,
  { access, call }: { readonly access: AccessOptions; readonly call: Call },
): Promise<readonly DockerReference[]> {
  return (await listTags(repository, access, call)).filter(choose).map(tag => withTag(repository, tag))
}

async function inRepository(
  { repository, tags = /(?:)/ }: Extract<SyncSource, { readonly repository: DockerReference }>,
  access: AccessOptions,
  call: Call,
): Promise<readonly SyncImage[]> {
  if (repository.tag !== undefined || repository.digest !== undefined) return [named(repository)]
  return (await chosen(repository, tag => tags.test(tag), { access, call })).map(named)
}

function named(name: DockerReference): SyncImage {
  const full = withDefaultTag(name)
  return { reference: dockerReference(full), name: formatDockerReference(full) }
}

async function inDirectory(path: string): Promise<readonly SyncImage[]> {
  await stat(path).catch((cause: Error) => {
    throw new ImageError('SOURCE_UNREADABLE', `opening ${path}: ${fileProblem(cause)}`, { subject: path, cause })
  })
  const found = (await Array.fromAsync(glob('**/manifest.json', { cwd: path }))).map(file => dirname(join(path, file)))
  return found.sort().map(image => ({ reference: dir.parse(image), name: relative(path, image) || basename(image) }))
}
