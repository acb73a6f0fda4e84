import { createHash } from 'node:crypto'
import { composeImage } from '../compose/reference.ts'
import type { Reference } from '../transports/transport.ts'

export interface RandomImageOptions {
  /** The same seed gives the same image. */
  readonly seed: string
  readonly layers?: number
  /** Bytes of the one file of each layer. */
  readonly layerSize?: number
  readonly platform?: { readonly os: string; readonly architecture: string }
}

/** An image of incompressible files, made from nothing but its seed. */
export function randomImage({ seed, layers = 2, layerSize = 4096, platform }: RandomImageOptions): Reference {
  return composeImage({
    layers: Array.from({ length: layers }, (_, index) => [
      { path: `file-${index}`, content: noise(`${seed}/${index}`, layerSize) },
    ]),
    config: { Cmd: ['/bin/true'], Labels: { seed } },
    ...(platform !== undefined && { platform }),
  })
}

function noise(seed: string, size: number): Uint8Array {
  const blocks: Buffer[] = []
  for (let made = 0, at = 0; made < size; made += 64, at++)
    blocks.push(createHash('sha512').update(`${seed}/${at}`).digest())
  return Buffer.concat(blocks).subarray(0, size)
}
