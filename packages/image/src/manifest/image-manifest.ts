import type { JsonObject } from '../json/parse.ts'
import { Reader } from '../json/read.ts'
import type { ImageManifest } from './manifest.ts'
import { mediaTypes } from './media-types.ts'
import { readCommon, readDescriptor, requireShape } from './read-descriptor.ts'

/** An OCI image manifest or docker schema 2 manifest. */
export function parseImageManifest(json: JsonObject, mediaType: string): ImageManifest {
  const document = new Reader(json, 'manifest')
  requireShape('isImage', json)
  return {
    kind: 'image',
    mediaType,
    config: readDescriptor(document.get('config')),
    layers: document.get('layers').items().map(readDescriptor),
    ...(mediaType === mediaTypes.ociManifest && readCommon(document)),
  }
}
