import { setTimeout as sleep } from 'node:timers/promises'
import type { Bytes, Call } from '../../call.ts'
import { ImageError } from '../../errors.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import type { RegistryClient } from './client.ts'
import { flowing } from './flowing.ts'
import { header } from './front-page.ts'
import type { Response } from './http.ts'
import { registryError } from './registry-error.ts'
import { isBrokenConnection } from './retry.ts'

/** Broken connections in a row without one new byte before a blob is given up. */
const maximumBarren = 6

/**
 * A blob's bytes from an offset on. A connection that breaks is taken up again where it broke; a reply that is
 * longer than the descriptor says is cut off with an error. URLs a manifest gives (foreign layers) are never used.
 */
export async function blobBytes(client: RegistryClient, blob: Descriptor, options: BlobCall): Promise<Bytes> {
  const body = await request(client, blob, options.from, options)
  return resuming(client, { blob, body, from: options.from }, options)
}

interface BlobCall extends Call {
  readonly from: number
  /** Told when the bytes go on in another answer. */
  readonly onResume?: () => unknown
}

interface Download {
  readonly blob: Descriptor
  readonly body: Bytes
  readonly from: number
}

async function* resuming(client: RegistryClient, download: Download, call: BlobCall): Bytes {
  const { blob } = download
  let { body, from: at } = download
  for (let barren = 0; ; ) {
    const before = at
    try {
      for await (const chunk of body) {
        at += chunk.length
        if (blob.size >= 0 && at > blob.size) throw tooLong(client, blob)
        yield chunk
      }
      if (blob.size < 0 || at >= blob.size) return
    } catch (error) {
      call.signal?.throwIfAborted()
      if (!isBrokenConnection(error)) throw error
    }
    barren = at > before ? 0 : barren + 1
    if (barren >= maximumBarren) throw tooShort(client, blob, at)
    await sleep(
      client.options.access.retryDelay ?? 200 * 2 ** barren,
      undefined,
      call.signal && { signal: call.signal },
    )
    call.onResume?.()
    body = await request(client, blob, at, call).catch((error: unknown) => {
      if (!isBrokenConnection(error) && !isRefused(error)) throw error
      return nothing()
    })
  }
}

/** The registry is away for a moment, perhaps because it is being started again. */
const isRefused = (error: unknown): boolean =>
  error instanceof ImageError && (error.cause as { code?: unknown } | undefined)?.code === 'ECONNREFUSED'

async function* nothing(): Bytes {}

const tooLong = (client: RegistryClient, blob: Descriptor): ImageError =>
  new ImageError('SIZE_EXCEEDED', `blob ${blob.digest} from ${client.host} is larger than ${blob.size} bytes`)

const tooShort = (client: RegistryClient, blob: Descriptor, at: number): ImageError =>
  new ImageError('REGISTRY_UNREACHABLE', `blob ${blob.digest} from ${client.host} ended at ${at} of ${blob.size} bytes`)

async function request(client: RegistryClient, blob: Descriptor, from: number, call: Call): Promise<Bytes> {
  const path = `/v2/${client.options.repository}/blobs/${blob.digest}`
  const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {}
  const response = await client.send(path, { method: 'GET', headers }, call)
  if (from > 0 && isRest(response, blob, from)) return flowing(response.body)
  if (from > 0 && (response.statusCode === 206 || response.statusCode === 416)) {
    response.body.on('error', () => undefined).destroy()
    return skipping(await request(client, blob, 0, call), from)
  }
  if (response.statusCode === 200) return from > 0 ? skipping(flowing(response.body), from) : flowing(response.body)
  throw await registryError(response, `fetching blob ${blob.digest} from ${client.host}`, 'BLOB_UNKNOWN')
}

/** Whether a partial answer is what was asked for: all from that byte on. A server with other ideas is asked for everything. */
function isRest(response: Response, { size }: Descriptor, from: number): boolean {
  if (response.statusCode !== 206) return false
  const [, start, total] =
    /^bytes ([0-9]{1,16})-[0-9]{1,16}\/([0-9]{1,16}|\*)$/.exec(header(response, 'content-range')) ?? []
  return Number(start) === from && (total === '*' || size < 0 || Number(total) === size)
}

/** A server that ignores ranges sends everything: what we have is dropped. */
async function* skipping(body: Bytes, bytes: number): Bytes {
  let left = bytes
  for await (const chunk of body) {
    if (chunk.length > left) yield left > 0 ? chunk.subarray(left) : chunk
    left = Math.max(0, left - chunk.length)
  }
}
