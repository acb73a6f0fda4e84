import { type AppliedLayer, type Bytes, chainId, type FileRange, type Layer, type Store } from '../../src/index.ts'

export interface AddedLayer {
  readonly layer: Layer
  readonly applied: AppliedLayer
}

/** Applies and records an image layer. */
export async function addLayer(store: Store, tar: Bytes | FileRange, parent?: string): Promise<AddedLayer> {
  await using staged = await store.layers.stage()
  const applied = await staged.apply(tar)
  const layer = await staged.commit({ id: chainId(parent, applied.diffId), ...(parent && { parent }) })
  return { layer, applied }
}

/** Some bytes as a stream of pieces of odd sizes. */
export async function* inPieces(bytes: Buffer, size = 777): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export async function collect(bytes: Bytes): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(bytes))
}
