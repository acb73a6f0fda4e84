import type { Bytes } from '../call.ts'
import { isChunked, withoutChunked } from '../chunked/annotations.ts'
import type { Digest } from '../digest.ts'
import type { Descriptor } from '../manifest/descriptor.ts'
import {
  baseOf,
  type CompressionFormat,
  type LayerCompression,
  layerCompression,
  withCompression,
} from '../manifest/layer-type.ts'
import type { ImageDestination, ImageSource } from '../transports/transport.ts'
import { coalesce } from './coalesce.ts'
import { type Compressed, compress, decompress, isForeign, peek, sniffCompression } from './compression.ts'
import type { CopyEvent } from './events.ts'
import { withRightBytes } from './fresh.ts'
import type { KnownBlobs } from './known-blobs.ts'
import type { CopyOptions } from './options.ts'
import type { PartsResult } from './parts.ts'
import { planLayer } from './plan.ts'
import { checkBlob, verified } from './verify.ts'

/** How often progress is told, in milliseconds per blob. */
const progressInterval = 100

export interface LayerJob {
  readonly source: ImageSource
  readonly destination: ImageDestination
  readonly options: CopyOptions
  readonly signal: AbortSignal
  /** Whether layers may come out with another digest. */
  readonly mayChange: 'yes' | 'no'
  readonly diffIds: readonly Digest[]
  readonly known?: KnownBlobs
}

/** Moves all layers, several at once; the first failure stops the others. Returns them as they were stored. */
export async function copyLayers(
  job: Omit<LayerJob, 'signal'>,
  layers: readonly Descriptor[],
): Promise<readonly Descriptor[]> {
  const stop = new AbortController()
  const { signal } = job.options
  const each = { ...job, signal: signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]) }
  const done: Descriptor[] = []
  const queue = layers.entries()
  const lane = async (): Promise<void> => {
    for (const [index, layer] of queue) {
      done[index] = await withRightBytes(job.source, layer, () => moveLayer(each, layer, index))
    }
  }
  const { parallelBlobs } = job.destination.wants
  const width = Math.max(1, Math.min(job.options.parallel ?? 6, parallelBlobs, job.source.parallelBlobs, layers.length))
  const lanes = Array.from({ length: width }, () =>
    lane().catch((error: unknown) => {
      stop.abort(error)
      throw error
    }),
  )
  const outcome = await Promise.allSettled(lanes)
  signal?.throwIfAborted()
  const failed = outcome.find(one => one.status === 'rejected')
  if (failed !== undefined) throw stop.signal.reason
  return done
}

async function moveLayer(job: LayerJob, layer: Descriptor, index: number): Promise<Descriptor> {
  const { destination, signal } = job
  const diffId = job.diffIds[index]
  const known = { ...layer, ...(diffId !== undefined && { diffId }), ...repositories(job, layer) }
  const there = mustChange(job, layer) ? undefined : await destination.findLayer(known, index, { signal })
  if (there !== undefined) {
    tell(job, { type: 'blob-reused', digest: layer.digest, size: layer.size, kind: 'layer' })
    job.known?.moved(layer, { ...layer, ...there })
    return { ...layer, ...there }
  }
  const form = await findOtherForm(job, layer, index)
  if (form !== undefined) {
    tell(job, { type: 'blob-reused', digest: form.digest, size: form.size, kind: 'layer' })
    job.known?.moved(layer, form)
    return form
  }
  const watch = new Watch(job, layer)
  const stored =
    (await putByParts(job, { ...known, index }, watch)) ??
    (await putFile(job, { ...known, index }, watch)) ??
    (await streamLayer(job, { ...known, index }, watch))
  if (destination.wants.verifiesLayers === 'yes' && stored.mediaType === layer.mediaType) {
    checkBlob(layer, stored.digest, stored.size)
  }
  watch.done(stored)
  job.known?.moved(layer, stored)
  // Such a destination has unpacked the blob and compared.
  if (destination.wants.verifiesLayers === 'yes' && diffId !== undefined && !watch.parts)
    job.known?.unpacks(layer, diffId)
  return stored
}

const repositories = ({ known }: LayerJob, { digest }: Descriptor) =>
  known === undefined ? {} : { repositories: known.repositories(digest) }

/** The layer as the destination already holds it in another compression. */
async function findOtherForm(job: LayerJob, layer: Descriptor, index: number): Promise<Descriptor | undefined> {
  const { source, destination, signal, options } = job
  if (job.mayChange === 'no' || destination.wants.layers !== 'compressed') return undefined
  for (const form of [...((await source.otherForms?.(layer)) ?? []), ...(job.known?.forms(layer) ?? [])]) {
    const found = formatOf(form, layerCompression(form.mediaType) ?? 'none')
    if (options.compression !== undefined && ![found, baseOf(found)].includes(options.compression)) continue
    const there = await destination.findLayer({ ...form, ...repositories(job, form) }, index, { signal })
    if (there !== undefined) return { ...form, ...there }
  }
  return undefined
}

/** Whether the layer as it is would not do, so that finding it at the destination is of no use. */
function mustChange({ destination, options, mayChange }: LayerJob, layer: Descriptor): boolean {
  const found = layerCompression(layer.mediaType)
  if (found === undefined || found === 'none' || mayChange === 'no') return false
  return (
    options.compression !== undefined && planLayer(formatOf(layer, found), destination.wants.layers, options) !== 'none'
  )
}

const plainCopy = ({ options }: LayerJob): boolean => options.compression === undefined

interface Indexed extends Descriptor {
  readonly index: number
  readonly diffId?: Digest
}

/** Lets the destination put the layer together from what it has, where it does such a thing; it is then stored as that blob. */
async function putByParts(job: LayerJob, layer: Indexed, watch: Watch): Promise<Descriptor | undefined> {
  if (job.destination.parts === undefined || !plainCopy(job) || layer.diffId === undefined) return undefined
  const { putParts } = await import('./parts.ts')
  watch.parts = await putParts({ ...job, onFetched: watch.set }, layer, layer.index)
  return watch.parts && { mediaType: layer.mediaType, digest: layer.digest, size: layer.size }
}

/** Hands the layer over as a file, where one side has such a thing and the other takes it. */
async function putFile(job: LayerJob, layer: Indexed, watch: Watch): Promise<Descriptor | undefined> {
  const { source, destination, signal } = job
  if (destination.putLayerFile === undefined || destination.wants.layers !== 'as-they-are' || !plainCopy(job))
    return undefined
  const call = { signal, onProgress: watch.set }
  const file = await source.blobFile?.(layer)
  if (file !== undefined) return destination.putLayerFile(layer, layer.index, file, call)
  if (destination.wants.verifiesLayers !== 'yes') return undefined
  await using blob = await source.arrivingBlob?.(layer, call)
  if (blob === undefined) return undefined
  const stored = destination.putLayerFile(layer, layer.index, blob.range, { signal })
  stored.catch(() => blob[Symbol.asyncDispose]())
  const both = Promise.all([stored, blob.arrival])
  await Promise.allSettled([both, stored, blob.arrival])
  return (await both)[0]
}

async function streamLayer(job: LayerJob, layer: Indexed, watch: Watch): Promise<Descriptor> {
  const { source, destination, signal, options } = job
  const lent = await source.lentBlob?.(layer, { signal })
  const raw =
    lent === undefined ? coalesce(watch.through(await source.blob(layer, 0, { signal }))) : watch.through(lent)
  const trusted = lent !== undefined || (destination.wants.verifiesLayers === 'yes' && plainCopy(job))
  const { head, bytes } = await peek(trusted ? raw : verified(raw, layer))
  // What an artifact holds is no tar that anybody wants compressed.
  const isLayer = layerCompression(layer.mediaType) !== undefined || destination.wants.layers === 'uncompressed'
  const foreign = isForeign(head) && destination.wants.layers !== 'uncompressed'
  const stays = job.mayChange === 'no' || !isLayer || foreign
  const found = stays ? 'none' : sniffCompression(head)
  const change = stays ? 'none' : planLayer(formatOf(layer, found), destination.wants.layers, options)
  if (change === 'none') {
    const lasting = lent === undefined ? bytes : forDestination(destination, bytes)
    return asItWas(layer, await destination.putLayer(layer, layer.index, lasting, { signal }))
  }
  // Streams hold on to what they are given; our own gzip does not.
  const own = lent !== undefined && (found !== 'none' || change.to !== 'gzip') ? kept(bytes) : bytes
  const changed = compress(decompress(own, found), change.to, options.compressionLevel)
  const stored = await recompress(job, layer, { ...changed, to: change.to })
  if (found === 'none') job.known?.unpacks(stored, layer.digest, 'here')
  return stored
}

const asItWas = (layer: Descriptor, stored: Descriptor): Descriptor => ({
  ...stored,
  ...(layer.annotations !== undefined && { annotations: layer.annotations }),
})

/** A layer that says that it has a table of contents has one when it is zstd. */
const formatOf = (layer: Descriptor, found: LayerCompression): CompressionFormat =>
  found === 'zstd' && isChunked(layer) ? 'zstd:chunked' : found

const forDestination = ({ wants }: ImageDestination, lent: Bytes): Bytes =>
  wants.pieces === 'lent' ? lent : kept(lent)

/** Lent pieces as ones that stay as they are. */
async function* kept(bytes: Bytes): Bytes {
  for await (const piece of bytes) yield Buffer.from(piece)
}

async function recompress(
  job: LayerJob,
  layer: Indexed,
  { bytes, annotations, to }: Compressed & { readonly to: CompressionFormat },
): Promise<Descriptor> {
  const mediaType = withCompression(layer.mediaType, baseOf(to))
  const put = { mediaType, size: -1, ...(layer.diffId !== undefined && { diffId: layer.diffId }) }
  const { digest, size, ...stored } = await job.destination.putLayer(
    put,
    layer.index,
    forDestination(job.destination, bytes),
    { signal: job.signal },
  )
  const said = { ...withoutChunked(layer.annotations), ...annotations() }
  return { mediaType: stored.mediaType, digest, size, ...(Object.keys(said).length > 0 && { annotations: said }) }
}

function tell({ options }: LayerJob, event: CopyEvent): void {
  options.onProgress?.(event)
}

/** Tells how far a blob has come, not more often than anybody can see. */
class Watch {
  readonly #job: LayerJob
  readonly #blob: Descriptor
  /** When the layer was put together. */
  parts: PartsResult | undefined
  #told = 0
  #transferred = 0

  constructor(job: LayerJob, blob: Descriptor) {
    this.#job = job
    this.#blob = blob
    tell(job, { type: 'blob-start', digest: blob.digest, size: blob.size, kind: 'layer' })
  }

  async *through(bytes: Bytes): Bytes {
    for await (const chunk of bytes) {
      this.set(this.#transferred + chunk.length)
      yield chunk
    }
  }

  readonly set = (transferred: number): void => {
    this.#transferred = transferred
    const now = performance.now()
    if (now - this.#told < progressInterval) return
    this.#told = now
    const { digest, size } = this.#blob
    tell(this.#job, { type: 'blob-progress', digest, size, transferred, kind: 'layer' })
  }

  done(stored: Descriptor): void {
    const { digest, size } = this.#blob
    tell(this.#job, { type: 'blob-done', digest, size: size < 0 ? stored.size : size, kind: 'layer' })
    if (this.parts) tell(this.#job, { type: 'blob-parts', digest, size, ...this.parts, kind: 'layer' })
  }
}
