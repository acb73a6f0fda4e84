import type { Bytes, Call } from '../../call.ts'
import { hashing, type Seen } from '../../copy/verify.ts'
import type { Digest } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import type { RegistryClient } from './client.ts'
import { header } from './front-page.ts'
import type { Response } from './http.ts'
import { registryError } from './registry-error.ts'
import { sendChunks } from './upload-chunks.ts'

/** What a registry may make us hold of a blob at once, in bytes. */
const largestPiece = 64 * 1024 * 1024

/** The size of a blob that the repository has, undefined when it has not. */
export async function hasBlob(client: RegistryClient, digest: Digest, call?: Call): Promise<number | undefined> {
  const path = `/v2/${client.options.repository}/blobs/${digest}`
  const response = await client.send(path, { method: 'HEAD' }, call)
  await response.body.dump()
  if (response.statusCode === 404) return undefined
  if (response.statusCode !== 200) {
    throw await registryError(
      response,
      `checking whether a blob ${digest} exists in ${client.host}/${client.options.repository}`,
      'BLOB_UNKNOWN',
    )
  }
  const size = header(response, 'content-length')
  return size === '' ? -1 : Number(size)
}

/** Asks the registry to take a blob over from another of its repositories. */
export async function mountBlob(client: RegistryClient, digest: Digest, from: string, call?: Call): Promise<boolean> {
  const path = `/v2/${client.options.repository}/blobs/uploads/?mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(from)}`
  const response = await client.send(path, { method: 'POST', scopes: [`repository:${from}:pull`] }, call)
  await response.body.dump()
  if (response.statusCode === 201) return true
  if (response.statusCode === 202) await cancel(client, location(client, response), call)
  return false
}

/** Uploads a blob, in one streamed request unless pieces are asked for; its digest need not be known before the end. */
export async function uploadBlob(
  client: RegistryClient,
  bytes: Bytes,
  blob: { readonly digest?: Digest },
  call?: Call,
): Promise<{ readonly digest: Digest; readonly size: number }> {
  const seen: Seen = { digest: undefined, size: 0 }
  const { start, smallest } = await begin(client, call)
  const size = client.options.access.uploadChunkSize
  try {
    const body = hashing(bytes, seen)
    const plan = { start, size: Math.max(size ?? 0, smallest), locate: (reply: Response) => location(client, reply) }
    const next =
      size === undefined
        ? await sendBody(client, start, sendable(body), call)
        : await sendChunks(client, plan, body, call)
    const digest = blob.digest ?? seen.digest
    if (digest === undefined)
      throw new ImageError('REGISTRY_ERROR', `registry ${client.host} answered before the upload ended`)
    await finish(client, next, digest, call)
    return { digest, size: seen.size }
  } catch (error) {
    await cancel(client, start).catch(() => undefined)
    throw error
  }
}

interface Begun {
  readonly start: URL
  /** The registry wants no smaller pieces, in bytes. */
  readonly smallest: number
}

async function begin(client: RegistryClient, call?: Call): Promise<Begun> {
  const path = `/v2/${client.options.repository}/blobs/uploads/`
  const response = await client.send(path, { method: 'POST', headers: { 'content-length': '0' } }, call)
  if (response.statusCode !== 202) {
    throw await registryError(response, `initiating layer upload to ${path} in ${client.host}`, 'REGISTRY_ERROR')
  }
  await response.body.dump()
  const least = Number(header(response, 'oci-chunk-min-length'))
  return { start: location(client, response), smallest: least > 0 && least <= largestPiece ? least : 1 }
}

/** What a connection holds without waiting, in bytes: HTTP/1.1's and HTTP/2's streams of Node. */
const buffered = 64 * 1024

/** Undici asks for the next piece once the last one was sent, unless the connection holds it meanwhile: that must stay as it is. */
async function* sendable(bytes: Bytes): Bytes {
  for await (const piece of bytes) yield piece.length > buffered ? piece : Buffer.from(piece)
}

async function sendBody(client: RegistryClient, target: URL, body: Bytes, call?: Call): Promise<URL> {
  const headers = { 'content-type': 'application/octet-stream' }
  const response = await client.send(target, { method: 'PATCH', headers, body }, call)
  if (response.statusCode < 200 || response.statusCode > 299) {
    throw await registryError(response, `uploading layer chunked to ${client.host}`, 'REGISTRY_ERROR')
  }
  await response.body.dump()
  return location(client, response)
}

async function finish(client: RegistryClient, target: URL, digest: Digest, call?: Call): Promise<void> {
  target.searchParams.set('digest', digest)
  const response = await client.send(target, { method: 'PUT', headers: { 'content-length': '0' } }, call)
  if (response.statusCode < 200 || response.statusCode > 299) {
    throw await registryError(response, `uploading layer ${digest} to ${client.host}`, 'REGISTRY_ERROR')
  }
  await response.body.dump()
}

async function cancel(client: RegistryClient, target: URL, call?: Call): Promise<void> {
  const response = await client.send(target, { method: 'DELETE' }, call)
  await response.body.dump()
}

/** Where an upload goes on: at the registry itself and nowhere else (CVE-2026-50151). */
function location(client: RegistryClient, response: Response): URL {
  const told = header(response, 'location')
  if (told === '') throw new ImageError('REGISTRY_ERROR', `registry ${client.host} named no upload location`)
  const url = URL.canParse(told, client.url('/').href) ? new URL(told, client.url('/')) : undefined
  if (url === undefined)
    throw new ImageError('REGISTRY_ERROR', `registry ${client.host} named an invalid upload location`)
  url.username = ''
  url.password = ''
  if (client.isHome(url)) return url
  throw new ImageError('FORBIDDEN', `registry ${client.host} sends uploads to another place, ${url.origin}: refused`)
}
