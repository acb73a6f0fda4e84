import type { Digest } from '../digest.ts'
import { parseJson } from '../json/parse.ts'
import { Reader } from '../json/read.ts'

/** The parts of an image config that copying needs (image-spec config.md). */
export interface ImageConfig {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly created?: string
  readonly diffIds: readonly Digest[]
}

/** @throws ImageError CONFIG_INVALID, MANIFEST_INVALID */
export function readImageConfig(bytes: Uint8Array): ImageConfig {
  const config = new Reader(parseJson(bytes, 'image config'), 'image config', 'CONFIG_INVALID')
  const rootfs = config.get('rootfs')
  const created = config.get('created').stringOr('')
  const variant = config.get('variant').stringOr('')
  return {
    os: config.get('os').stringOr(''),
    architecture: config.get('architecture').stringOr(''),
    diffIds: rootfs.present
      ? rootfs
          .get('diff_ids')
          .items()
          .map(item => item.digest())
      : [],
    ...(created !== '' && { created }),
    ...(variant !== '' && { variant }),
  }
}
