import { type Digest, digestOf } from '../digest.ts'
import { ImageError } from '../errors.ts'
import { type JsonObject, parseJson } from '../json/parse.ts'
import { isObject, Reader } from '../json/read.ts'
import type { Schema1Layer, Schema1Manifest } from './manifest.ts'
import { refuseKeys } from './read-descriptor.ts'

/** Reads Docker's first registry format (distribution docs/spec/manifest-v2-1.md). */
export function parseSchema1(json: JsonObject, mediaType: string): Schema1Manifest {
  const document = new Reader(json, 'manifest')
  if (document.get('schemaVersion').integer() !== 1) document.get('schemaVersion').fail('1')
  refuseKeys(document, ['config', 'layers', 'manifests'])
  const blobs = document.get('fsLayers').items()
  const history = document.get('history').items()
  if (blobs.length === 0 || blobs.length !== history.length) {
    document.fail('a list of layers with as many histories')
  }
  const layers = blobs.map((blob, index) => readLayer(blob, history[index] ?? blob))
  return {
    kind: 'schema1',
    mediaType,
    name: document.get('name').stringOr(''),
    tag: document.get('tag').stringOr(''),
    architecture: document.get('architecture').stringOr(''),
    layers: layers.reverse(),
  }
}

function readLayer(blob: Reader, history: Reader): Schema1Layer {
  const compatibility = history.get('v1Compatibility').string()
  const document = parseJson(compatibility, history.path)
  if (!isObject(document)) return history.fail('an object as text')
  const throwaway = document.get('throwaway') === true ? 'yes' : 'no'
  return { digest: blob.get('blobSum').digest(), throwaway, history: document, compatibility }
}

/**
 * The digest of a signed manifest: of the bytes without the signature block, as its protected header says how to
 * restore them (libtrust JSON signature).
 */
export function schema1Digest(bytes: Uint8Array): Digest {
  const document = new Reader(parseJson(bytes, 'manifest'), 'manifest')
  const signature = document.get('signatures').items()[0]
  if (signature === undefined) return digestOf(bytes)
  const header = Buffer.from(signature.get('protected').string(), 'base64url')
  const formatting = new Reader(parseJson(header, 'signature header'), 'signature header')
  const length = formatting.get('formatLength').integer()
  if (length < 0 || length > bytes.length)
    throw new ImageError('MANIFEST_INVALID', 'signature covers more than there is')
  const tail = Buffer.from(formatting.get('formatTail').string(), 'base64url')
  return digestOf(Buffer.concat([bytes.subarray(0, length), tail]))
}
