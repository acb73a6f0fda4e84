import { basename, join } from 'node:path'
import { copyImage } from '../copy/copy.ts'
import type { CopyOptions } from '../copy/options.ts'
import type { Digest } from '../digest.ts'
import { parseDockerReference, withDefaultTag } from '../reference/docker-reference.ts'
import { dir } from '../transports/dir/reference.ts'
import { dockerReference } from '../transports/docker/reference.ts'
import type { Reference } from '../transports/transport.ts'
import { expandSource, type SyncImage, type SyncSource } from './sources.ts'

/** Where images go: below a repository path (`host/path`) or into directories below one. */
export type SyncTarget = { readonly repository: string } | { readonly directory: string }

export interface SyncOptions extends CopyOptions {
  /** `full`: below the target each image keeps its whole name, and images of two hosts never meet. */
  readonly names?: 'last' | 'full'
  /** `collect`: go on with the other images when one fails. */
  readonly failures?: 'stop' | 'collect'
  /** `dry` only tells what would be copied. */
  readonly run?: 'real' | 'dry'
}

/** What became of one image. */
export interface SyncedImage {
  readonly from: Reference
  readonly to: Reference
  readonly digest?: Digest
  readonly error?: unknown
}

/**
 * Copies images in bulk, as skopeo-sync(1) does, with its names at the target: `dir/busybox:1`, with full names
 * `dir/example.com/library/busybox:1`.
 * @throws ImageError IMAGE_UNKNOWN when there is nothing to copy, and copyImage's own
 */
export async function syncImages(
  source: SyncSource,
  target: SyncTarget,
  options: SyncOptions,
): Promise<readonly SyncedImage[]> {
  const done: SyncedImage[] = []
  for (const image of await expandSource(source, options.source ?? {}, options)) {
    const to = targetOf(target, image, options.names ?? 'last')
    done.push(await syncOne(image, to, options))
  }
  return done
}

async function syncOne(image: SyncImage, to: Reference, options: SyncOptions): Promise<SyncedImage> {
  const { reference: from, access = {}, error: unknown } = image
  if (unknown !== undefined) return { from, to, error: unknown }
  if (options.run === 'dry') return { from, to }
  try {
    const { digest } = await copyImage(from, to, { ...options, source: { ...options.source, ...access } })
    return { from, to, digest }
  } catch (error) {
    if (options.failures !== 'collect' || options.signal?.aborted) throw error
    return { from, to, error }
  }
}

function targetOf(target: SyncTarget, { name }: SyncImage, names: 'last' | 'full'): Reference {
  const suffix = names === 'full' ? name : basename(name)
  if ('directory' in target) return dir.parse(join(target.directory, suffix))
  return dockerReference(withDefaultTag(parseDockerReference(`${target.repository}/${suffix}`)))
}
