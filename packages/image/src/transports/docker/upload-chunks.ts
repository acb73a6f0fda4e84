import type { Bytes, Call } from '../../call.ts'
import { ImageError } from '../../errors.ts'
import type { RegistryClient } from './client.ts'
import { header } from './front-page.ts'
import type { Response } from './http.ts'
import { registryError } from './registry-error.ts'

/** Where an upload stands: the address of its next piece, and how many bytes the registry has. */
interface Upload {
  readonly location: URL
  readonly taken: number
}

export interface ChunkPlan {
  readonly start: URL
  /** In bytes. */
  readonly size: number
  /** Reads the `Location` of an answer and judges it. */
  locate(response: Response): URL
}

/**
 * Sends a blob in pieces (distribution-spec, pushing a blob in chunks). A piece whose connection breaks is sent again,
 * from where the registry says it stands; memory for one piece is what that costs.
 */
export async function sendChunks(client: RegistryClient, plan: ChunkPlan, body: Bytes, call?: Call): Promise<URL> {
  let upload: Upload = { location: plan.start, taken: 0 }
  for await (const piece of cut(body, plan.size)) upload = await sendChunk(client, { plan, upload, piece }, call)
  return upload.location
}

interface Piece {
  readonly plan: ChunkPlan
  readonly upload: Upload
  readonly piece: Buffer
}

/** The registry may have got all, some or nothing of what was sent before a connection broke. */
async function sendChunk(client: RegistryClient, { plan, upload, piece }: Piece, call?: Call): Promise<Upload> {
  const end = upload.taken + piece.length
  let at = upload
  for (let tries = 0; at.taken < end; tries++) {
    if (tries > 5)
      throw new ImageError('REGISTRY_ERROR', `registry ${client.host} does not take an upload's next piece`)
    const rest = piece.subarray(piece.length - (end - at.taken))
    const headers = { 'content-type': 'application/octet-stream', 'content-range': `${at.taken}-${end - 1}` }
    const response = await client.send(at.location, { method: 'PATCH', headers, body: rest }, call)
    if (response.statusCode === 202 || response.statusCode === 204) {
      await response.body.dump()
      return { location: plan.locate(response), taken: end }
    }
    if (response.statusCode !== 416) throw await failed(client, response)
    await response.body.dump()
    at = await askWhere(client, { plan, upload: at, piece }, call)
    if (at.taken < upload.taken || at.taken > end)
      throw new ImageError('REGISTRY_ERROR', `registry ${client.host} lost count of an upload`)
  }
  return at
}

async function askWhere(client: RegistryClient, { plan, upload }: Piece, call?: Call): Promise<Upload> {
  const response = await client.send(upload.location, { method: 'GET' }, call)
  if (response.statusCode !== 204 && response.statusCode !== 202) throw await failed(client, response)
  await response.body.dump()
  const last = /^(?:bytes=)?0-([0-9]{1,16})$/.exec(header(response, 'range'))?.[1]
  // `0-0` is what registries say of nothing at all.
  return { location: plan.locate(response), taken: last === undefined || last === '0' ? 0 : Number(last) + 1 }
}

const failed = (client: RegistryClient, response: Response): Promise<ImageError> =>
  registryError(response, `uploading layer chunked to ${client.host}`, 'REGISTRY_ERROR')

/** Pieces of exactly `size` bytes, the last one of what is left. */
async function* cut(bytes: Bytes, size: number): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = []
  let length = 0
  for await (let chunk of bytes) {
    while (length + chunk.length >= size) {
      const head = chunk.subarray(0, size - length)
      yield Buffer.concat([...held, head])
      chunk = chunk.subarray(head.length)
      held = []
      length = 0
    }
    if (chunk.length > 0) held.push(Buffer.from(chunk)) // which is only lent
    length += chunk.length
  }
  if (length > 0) yield Buffer.concat(held)
}
