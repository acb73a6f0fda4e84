import type { JsonObject } from '../json/parse.ts'
import { Reader } from '../json/read.ts'
import type { IndexManifest } from './manifest.ts'
import { mediaTypes } from './media-types.ts'
import { readCommon, readDescriptor, requireShape } from './read-descriptor.ts'

/** An OCI image index or docker manifest list. */
export function parseIndex(json: JsonObject, mediaType: string): IndexManifest {
  const document = new Reader(json, 'manifest')
  requireShape('isIndex', json)
  return {
    kind: 'index',
    mediaType,
    manifests: document.get('manifests').items().map(readDescriptor),
    ...(mediaType === mediaTypes.ociIndex && readCommon(document)),
  }
}
