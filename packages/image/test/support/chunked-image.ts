import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { type Behaviour, type Teardown, tempDir } from '@libpod/test-kit'
import { chunkedKeys, withoutChunked } from '../../src/chunked/annotations.ts'
import { chunkedEnd, type SkippableData } from '../../src/chunked/footer.ts'
import type { TocEntry } from '../../src/chunked/toc-entry.ts'
import {
  composeImage,
  copyImage,
  type Descriptor,
  digestOf,
  insecureAcceptAnything,
  parseImageName,
} from '../../src/index.ts'
import { type ServedImage, servedImage } from './served-image.ts'

export interface Toc {
  readonly entries: TocEntry[]
  tarSplitDigest?: string
}

/** Bytes that are the same each time and have no pattern. */
export function noise(size: number, seed: string): Buffer {
  const pieces: Buffer[] = []
  for (let at = 0; at < size; at += 32) pieces.push(createHash('sha256').update(`${seed}${at}`).digest())
  return Buffer.concat(pieces).subarray(0, size)
}

export type Files = Readonly<Record<string, string | Uint8Array>>

/** An image of one layer with a table of contents. */
export async function chunkedImage(t: Teardown, files: Files): Promise<ServedImage> {
  const at = parseImageName(`dir:${join(await tempDir(t, 'chunked'), 'image')}`)
  const directory = { path: 'data', directory: true } as const
  const layer = [directory, ...Object.entries(files).map(([path, content]) => ({ path, content }))]
  const options = { compression: 'zstd:chunked', forceCompression: 'yes', policy: insecureAcceptAnything } as const
  await copyImage(composeImage({ layers: [layer] }), at, options)
  return servedImage(at)
}

export function layerOf({ layers, blobs }: ServedImage): { readonly layer: Descriptor; readonly blob: Buffer } {
  const [layer] = layers
  const blob = blobs.get(layer?.digest ?? '')
  if (layer === undefined || blob === undefined) throw new TypeError('no layer')
  return { layer, blob }
}

export interface Ends {
  readonly toc: Toc
  readonly tarSplit: SkippableData
}

/** What lies behind the frames of a layer. */
export function endsOf({ layer, blob }: { readonly layer: Descriptor; readonly blob: Buffer }): Ends & { at: number } {
  const numbers = (key: string) => (layer.annotations?.[key] ?? '').split(':').map(Number)
  const [tocAt = 0, tocLength = 0] = numbers(chunkedKeys.position)
  const [splitAt = 0, splitLength = 0, size = 0] = numbers(chunkedKeys.tarSplit)
  const bytes = blob.subarray(splitAt, splitAt + splitLength)
  const toc = JSON.parse(zstdDecompressSync(blob.subarray(tocAt, tocAt + tocLength)).toString()) as Toc
  return { toc, tarSplit: { bytes, size, digest: digestOf(bytes) }, at: tocAt - 8 }
}

export interface Lie {
  /** Changes the table, the blob and its annotations being made anew around it. */
  toc?(toc: Toc): void
  annotations?(annotations: Record<string, string>): void
  /** Changes the frames. */
  frames?(frames: Buffer): Buffer
}

/** The image with a layer that lies: its digest is right, so that only what is behind it can be wrong. */
export function lying(image: ServedImage, { toc: change, annotations: rename, frames }: Lie): ServedImage {
  const { layer, blob } = layerOf(image)
  const { toc, tarSplit, at } = endsOf({ layer, blob })
  change?.(toc)
  const text = Buffer.from(JSON.stringify(toc))
  const bytes = zstdCompressSync(text)
  const end = chunkedEnd(at, { bytes, size: text.length, digest: digestOf(bytes) }, tarSplit)
  const original = blob.subarray(0, at)
  const changed = Buffer.concat([frames?.(Buffer.from(original)) ?? original, end.bytes])
  const annotations = { ...withoutChunked(layer.annotations), ...end.annotations }
  rename?.(annotations)
  const told = { ...layer, digest: digestOf(changed), size: changed.length, annotations }
  const manifest = JSON.parse(image.manifest.toString()) as { layers: unknown[] }
  manifest.layers = [told]
  const blobs = new Map(image.blobs).set(told.digest, changed)
  return { ...image, manifest: Buffer.from(JSON.stringify(manifest)), layers: [told], blobs }
}

/** How a server takes requests for ranges: several at once, one at a time, or not at all. */
export type Ranges = 'many' | 'one' | 'none'

export interface Counted {
  /** Bytes of blobs that were sent. */
  bytes: number
  requests: number
}

/** A registry of images by repository that counts. */
export function registryOf(
  images: Readonly<Record<string, ServedImage>>,
  ranges: Ranges,
): { readonly serve: Behaviour; readonly count: Counted } {
  const count: Counted = { bytes: 0, requests: 0 }
  const serve: Behaviour = ({ path, headers, method }, response) => {
    if (path === '/v2/') return response.writeHead(200).end('{}')
    const [, , repository = '', kind, name = ''] = path.split('/')
    const image = Object.hasOwn(images, repository) ? images[repository] : undefined
    if (image === undefined) return undefined
    if (kind === 'manifests' && !name.endsWith('.sig')) {
      response.writeHead(200, { 'content-type': image.mediaType, 'content-length': image.manifest.length })
      return response.end(method === 'HEAD' ? undefined : image.manifest)
    }
    const blob = image.blobs.get(name)
    if (kind !== 'blobs' || blob === undefined) return undefined
    count.requests++
    const sent = answer(blob, ranges === 'none' ? undefined : headers.range, { response, ranges })
    count.bytes += sent
    return undefined
  }
  return { serve, count }
}

/** As servers that know ranges answer (RFC 9110 §14). */
function answer(
  blob: Buffer,
  range: string | undefined,
  { response, ranges }: { readonly response: ServerResponse; readonly ranges: Ranges },
): number {
  const wanted = (range ?? '')
    .replace('bytes=', '')
    .split(',')
    .map(each => each.split('-'))
  const stretches = wanted.map(([from = '', to = '']) => ({
    from: Number(from),
    to: to === '' ? blob.length - 1 : Number(to),
  }))
  const [only] = stretches
  if (range === undefined || only === undefined || (stretches.length > 1 && ranges === 'one')) {
    response.writeHead(200, { 'content-length': blob.length }).end(blob)
    return blob.length
  }
  const rangeOf = ({ from, to }: typeof only) => `bytes ${from}-${to}/${blob.length}`
  const body =
    stretches.length === 1
      ? blob.subarray(only.from, only.to + 1)
      : Buffer.concat([
          ...stretches.flatMap(each => [
            Buffer.from(
              `\r\n--xyz\r\nContent-Type: application/octet-stream\r\nContent-Range: ${rangeOf(each)}\r\n\r\n`,
            ),
            blob.subarray(each.from, each.to + 1),
          ]),
          Buffer.from('\r\n--xyz--\r\n'),
        ])
  response.writeHead(206, {
    'content-length': body.length,
    ...(stretches.length === 1
      ? { 'content-range': rangeOf(only) }
      : { 'content-type': 'multipart/byteranges; boundary=xyz' }),
  })
  response.end(body)
  return body.length
}
