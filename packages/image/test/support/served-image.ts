import type { ServerResponse } from 'node:http'
import type { Behaviour, SeenRequest } from '@libpod/test-kit'
import { type Descriptor, parseManifest, type Reference } from '../../src/index.ts'

/** An image's documents and blobs at hand, and how an honest registry serves them. */
export interface ServedImage {
  readonly manifest: Buffer
  readonly mediaType: string
  /** By digest. */
  readonly blobs: ReadonlyMap<string, Buffer>
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly serve: Behaviour
}

/** Takes an image into memory to serve it under any repository and tag. */
export async function servedImage(image: Reference): Promise<ServedImage> {
  if (image.openSource === undefined) throw new TypeError('the image cannot be read')
  await using source = await image.openSource({})
  const raw = await source.manifest()
  const manifest = parseManifest(raw.bytes, raw.mediaType)
  if (manifest.kind !== 'image') throw new TypeError('not an image')
  const blobs = new Map<string, Buffer>()
  for (const blob of [manifest.config, ...manifest.layers]) {
    blobs.set(blob.digest, Buffer.concat(await Array.fromAsync(await source.blob(blob, 0))))
  }
  const bytes = Buffer.from(raw.bytes)
  const serve: Behaviour = ({ path, headers, method }, response) => {
    const name = path.split('?')[0]?.split('/').at(-1) ?? ''
    const blob = blobs.get(name)
    if (path === '/v2/') return response.writeHead(200).end('{}')
    if (path.includes('/manifests/') && !name.endsWith('.sig')) {
      response.writeHead(200, { 'content-type': manifest.mediaType, 'content-length': bytes.length })
      return response.end(method === 'HEAD' ? undefined : bytes)
    }
    if (path.includes('/blobs/') && blob !== undefined) return serveRange(blob, headers.range, response)
    return undefined
  }
  const { mediaType, config, layers } = manifest
  return { manifest: bytes, mediaType, blobs, config, layers, serve }
}

/** A file as servers that know ranges serve it. */
export function serveRange(bytes: Buffer, range: string | undefined, response: ServerResponse): void {
  const from = /^bytes=([0-9]+)-$/.exec(range ?? '')?.[1]
  if (from === undefined) return void response.writeHead(200, { 'content-length': bytes.length }).end(bytes)
  const rest = bytes.subarray(Number(from))
  response.writeHead(206, {
    'content-length': rest.length,
    'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
  })
  response.end(rest)
}

/** Does what `special` does, and where that does nothing, what `honest` does. */
export const but =
  (special: Behaviour, honest: Behaviour): Behaviour =>
  async (request: SeenRequest, response: ServerResponse) => {
    await special(request, response)
    if (!response.headersSent && !response.destroyed) await honest(request, response)
  }
