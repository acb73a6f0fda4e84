import { ImageError } from '../errors.ts'
import type { JsonObject } from '../json/parse.ts'
import type { Reader } from '../json/read.ts'
import { plainJson, shapeProblem } from '../schema/shape.ts'
import type { Descriptor, Platform } from './descriptor.ts'

/** Reads one descriptor (image-spec descriptor.md). */
export function readDescriptor(reader: Reader): Descriptor {
  const size = reader.get('size').integer()
  if (size < 0) reader.get('size').fail('0 or more')
  const urls = reader.get('urls').strings()
  const annotations = reader.get('annotations').stringMap()
  const platform = reader.get('platform')
  const artifactType = reader.get('artifactType').stringOr('')
  return {
    mediaType: reader.get('mediaType').stringOr(''),
    digest: reader.get('digest').digest(),
    size,
    ...(urls.length > 0 && { urls }),
    ...(annotations !== undefined && { annotations }),
    ...(platform.present && { platform: readPlatform(platform) }),
    ...(artifactType !== '' && { artifactType }),
  }
}

function readPlatform(reader: Reader): Platform {
  const variant = reader.get('variant').stringOr('')
  const version = reader.get('os.version').stringOr('')
  const osFeatures = reader.get('os.features').strings()
  const features = reader.get('features').strings()
  return {
    os: reader.get('os').stringOr(''),
    architecture: reader.get('architecture').stringOr(''),
    ...(variant !== '' && { variant }),
    ...(version !== '' && { 'os.version': version }),
    ...(osFeatures.length > 0 && { 'os.features': osFeatures }),
    ...(features.length > 0 && { features }),
  }
}

/** The fields OCI documents share beside their blobs. */
export function readCommon(document: Reader): {
  readonly artifactType?: string
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
} {
  const artifactType = document.get('artifactType').stringOr('')
  const subject = document.get('subject')
  const annotations = document.get('annotations').stringMap()
  return {
    ...(artifactType !== '' && { artifactType }),
    ...(subject.present && { subject: readDescriptor(subject) }),
    ...(annotations !== undefined && { annotations }),
  }
}

/** Refuses a document of another shape, among them those that would be two kinds at once (GHSA-77vh-xpmg-72qh). */
export function requireShape(name: 'isImage' | 'isIndex', json: JsonObject): void {
  const problem = shapeProblem(name, plainJson(json))
  if (problem !== undefined) throw new ImageError('MANIFEST_INVALID', `manifest: ${problem}`)
}

/** Refuses a document with a key of another kind of manifest. */
export function refuseKeys(document: Reader, keys: readonly string[]): void {
  const found = keys.find(key => document.object().has(key))
  if (found !== undefined) document.fail(`of one kind only: it has ${found} as well`)
}
