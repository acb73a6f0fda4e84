import { channel } from 'node:diagnostics_channel'
import type { Bytes } from '../call.ts'
import { assembleTar } from '../chunked/assemble.ts'
import { contentsOf, type PartsPlan, planParts } from '../chunked/plan-parts.ts'
import { type ChunkedPositions, readPositions, type Stretch, unfit } from '../chunked/positions.ts'
import { readToc, type Toc } from '../chunked/read-toc.ts'
import { type Digest, digestAlgorithm, digestOf } from '../digest.ts'
import type { Descriptor } from '../manifest/descriptor.ts'
import type { ImageDestination, ImageSource, PartsDestination } from '../transports/transport.ts'
import { coalesce } from './coalesce.ts'
import { decompress } from './compression.ts'

const trace = channel('libpod.image.parts')

/** One layer that may come by parts. */
export interface PartsJob {
  readonly source: Pick<ImageSource, 'blobRanges'>
  readonly destination: Pick<ImageDestination, 'parts'>
  readonly signal: AbortSignal
  /** Told how many bytes have been fetched so far. */
  readonly onFetched: (bytes: number) => void
}

/** What came of it, in bytes. */
export interface PartsResult {
  /** Of files whose content was there. */
  readonly reused: number
  readonly fetched: number
}

/**
 * Puts a layer together from what the destination has and from parts of the blob. Undefined when that cannot be: the layer
 * is then taken whole, and nothing is left of the attempt. Whatever is odd about its table of contents ends here.
 */
export async function putParts(job: PartsJob, layer: Descriptor, index: number): Promise<PartsResult | undefined> {
  const { source, destination, signal } = job
  const { parts } = destination
  if (parts === undefined || source.blobRanges === undefined) return undefined
  try {
    const positions = readPositions(layer)
    if (positions === undefined) return undefined
    const fetch = new Fetch(job, layer)
    const result = await putTogether(fetch, parts, { layer, index, positions, signal })
    trace.publish({ message: `Retrieved partial blob ${layer.digest}`, ...result })
    return result
  } catch (error) {
    signal.throwIfAborted()
    trace.publish({ message: `Failed to retrieve partial blob ${layer.digest}: ${(error as Error).message}` })
    return undefined
  }
}

interface Layer {
  readonly layer: Descriptor
  readonly index: number
  readonly positions: ChunkedPositions
  readonly signal: AbortSignal
}

async function putTogether(fetch: Fetch, parts: PartsDestination, job: Layer): Promise<PartsResult> {
  const { layer, index, positions, signal } = job
  const [packedToc, tarSplit] = await fetch.both(positions.toc, positions.tarSplit)
  const toc = readToc(packedToc, positions)
  checkTarSplit(tarSplit, toc)
  using held = await parts.find(contentsOf(toc), { signal })
  const plan: PartsPlan = planParts(toc, held)
  const tar = assembleTar({
    plan,
    held,
    fetched: fetch.bytes(plan.stretches),
    tarSplit: decompress(once(tarSplit), 'zstd'),
    tarSplitSize: positions.tarSplit.size,
  })
  await parts.put(layer, index, { ...tar, held, bytes: coalesce(tar.bytes) }, { signal })
  return { reused: plan.reused, fetched: fetch.count }
}

function checkTarSplit(bytes: Uint8Array, { tarSplitDigest }: Toc): void {
  const found: Digest = digestOf(bytes, digestAlgorithm(tarSplitDigest))
  if (found !== tarSplitDigest) throw unfit('the tar-split record is not the one that was promised')
}

async function* once(bytes: Uint8Array): Bytes {
  yield bytes
}

/** Fetches stretches of one blob and counts. */
class Fetch {
  count = 0
  readonly #job: PartsJob
  readonly #layer: Descriptor

  constructor(job: PartsJob, layer: Descriptor) {
    this.#job = job
    this.#layer = layer
  }

  async *bytes(stretches: readonly Stretch[]): Bytes {
    const { source, signal, onFetched } = this.#job
    for await (const bytes of source.blobRanges?.(this.#layer, stretches, { signal }) ?? []) {
      this.count += bytes.length
      onFetched(this.count)
      yield bytes
    }
  }

  /** Two stretches in one request. */
  async both(one: Stretch, two: Stretch): Promise<readonly [Buffer, Buffer]> {
    const [first, last] = one.offset < two.offset ? [one, two] : [two, one]
    const between = last.offset - (first.offset + first.length)
    const isNear = between <= mostBetween
    const stretches = isNear ? [{ offset: first.offset, length: first.length + between + last.length }] : [first, last]
    const bytes = Buffer.concat(await Array.fromAsync(this.bytes(stretches)))
    const parts = [bytes.subarray(0, first.length), bytes.subarray(bytes.length - last.length)] as const
    return first === one ? parts : [parts[1], parts[0]]
  }
}

/** Bytes that are fetched for nothing rather than asked around. */
const mostBetween = 4096
