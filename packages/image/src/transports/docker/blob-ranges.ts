import { setTimeout as sleep } from 'node:timers/promises'
import type { Bytes, Call } from '../../call.ts'
import { type Stretch, unfit } from '../../chunked/positions.ts'
import { ImageError } from '../../errors.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { boundaryOf, contentRange, readByteRanges } from './byte-ranges.ts'
import type { RegistryClient } from './client.ts'
import { header } from './front-page.ts'
import type { Response } from './http.ts'
import { registryError } from './registry-error.ts'
import { isBrokenConnection } from './retry.ts'

/** Ranges asked for in one request: their header stays well below what servers take. */
const rangesAtOnce = 64
/** Broken connections in a row without one new byte before it is given up. */
const maximumBarren = 6

/**
 * Stretches of a blob, one after another, in requests for many of them at once; where a server does not know such requests,
 * in one for each. What a broken connection did not bring is asked for again.
 * @throws ImageError COPY_UNSUPPORTED when the server knows no ranges, REGISTRY_ERROR …
 */
export async function* blobRanges(
  client: RegistryClient,
  blob: Descriptor,
  stretches: readonly Stretch[],
  call: Call = {},
): Bytes {
  const left = stretches.filter(({ length }) => length > 0)
  let most = rangesAtOnce
  for (let barren = 0; left.length > 0; ) {
    const group = left.slice(0, most)
    let got = 0
    try {
      const body = await request(client, blob, group, call)
      if (body === undefined && group.length === 1) throw unfit(`registry ${client.host} does not serve parts of blobs`)
      if (body === undefined) most = 1
      else
        for await (const bytes of body) {
          got += bytes.length
          consume(left, bytes.length)
          yield bytes
        }
    } catch (error) {
      call.signal?.throwIfAborted()
      if (!isBrokenConnection(error) || (got === 0 && ++barren >= maximumBarren)) throw error
      await sleep(client.options.access.retryDelay ?? 200 * 2 ** barren, undefined, call)
    }
    if (got > 0) barren = 0
  }
}

/** Takes what has come off the front. */
function consume(left: Stretch[], bytes: number): void {
  for (let rest = bytes; rest > 0; ) {
    const first = left[0]
    if (first === undefined) throw new ImageError('SIZE_EXCEEDED', 'the registry sends more than was asked for')
    const taken = Math.min(rest, first.length)
    rest -= taken
    if (taken === first.length) left.shift()
    else left[0] = { offset: first.offset + taken, length: first.length - taken }
  }
}

/** The bytes of a group of stretches; undefined when the server answers in another way. */
async function request(
  client: RegistryClient,
  blob: Descriptor,
  group: readonly Stretch[],
  call: Call,
): Promise<Bytes | undefined> {
  const path = `/v2/${client.options.repository}/blobs/${blob.digest}`
  const ranges = group.map(({ offset, length }) => `${offset}-${offset + length - 1}`).join(',')
  const response = await client.send(path, { method: 'GET', headers: { range: `bytes=${ranges}` } }, call)
  if (response.statusCode === 206) {
    const bytes = partsOf(response, blob, group)
    if (bytes !== undefined) return bytes
  } else if (![200, 400, 416, 431].includes(response.statusCode))
    throw await registryError(response, `fetching parts of blob ${blob.digest} from ${client.host}`, 'BLOB_UNKNOWN')
  response.body.on('error', () => undefined).destroy()
  return undefined
}

function partsOf(response: Response, blob: Descriptor, group: readonly Stretch[]): Bytes | undefined {
  const boundary = boundaryOf(header(response, 'content-type'))
  if (boundary !== undefined) return readByteRanges(response.body, boundary, group)
  const [only, second] = group
  const found = contentRange(header(response, 'content-range'))
  const isOther = found?.total !== undefined && blob.size >= 0 && found.total !== blob.size
  if (only === undefined || second !== undefined || found === undefined || isOther) return undefined
  return found.offset === only.offset && found.length === only.length ? response.body : undefined
}
