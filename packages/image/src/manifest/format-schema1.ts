import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Digest } from '../digest.ts'
import { ImageError } from '../errors.ts'
import { type Json, type JsonObject, parseJson, stringifyJson } from '../json/parse.ts'
import { Reader } from '../json/read.ts'
import { mediaTypes } from './media-types.ts'

/** A layer as schema 1 has it: its blob, and the v1 compatibility document as text. */
export interface CompatibleLayer {
  readonly digest: Digest
  readonly compatibility: string
}

/** What a schema 1 manifest says; layers from the base up. */
export interface Schema1Content {
  /** The repository's path without its registry. */
  readonly name: string
  readonly tag: string
  readonly architecture: string
  readonly layers: readonly CompatibleLayer[]
}

/** The layer that stands for a step that changed no file: 1024 zero bytes, compressed in the way that everybody has it. */
export const emptyLayer = Buffer.from('1f8b080000096e8800ff621805a360148c5800080000ffff2eafb5ef00040000', 'hex')

/**
 * Writes a schema 1 manifest (distribution docs/spec/manifest-v2-1.md). Registries want it signed, whoever signs: so the key is
 * made for this one and thrown away.
 */
export function formatSchema1({ name, tag, architecture, layers }: Schema1Content): Uint8Array {
  const newest = layers.toReversed()
  const content = jsonText({
    name,
    tag,
    architecture,
    fsLayers: newest.map(({ digest }) => ({ blobSum: digest })),
    history: newest.map(({ compatibility }) => ({ v1Compatibility: compatibility })),
    schemaVersion: 1,
  })
  return withSignature(Buffer.from(content))
}

/** Puts a signature as libtrust makes it before the last brace. */
function withSignature(content: Buffer): Uint8Array {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const body = content.subarray(0, -1)
  const formatting = { formatLength: body.length, formatTail: base64('}'), time: `${now()}Z` }
  const protectedHeader = base64(JSON.stringify(formatting))
  const signed = Buffer.from(`${protectedHeader}.${base64(content)}`)
  const signature = sign('sha256', signed, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const { crv, x, y, kty } = publicKey.export({ format: 'jwk' })
  const header = { jwk: { crv, kid: keyId(publicKey), kty, x, y }, alg: 'ES256' }
  const signatures = [{ header, signature: base64(signature), protected: protectedHeader }]
  return Buffer.concat([body, Buffer.from(`,"signatures":${JSON.stringify(signatures)}}`)])
}

const now = (): string => new Date().toISOString().slice(0, 19)
const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64url')
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** libtrust's name of a key: 240 bits of its hash in base32, four characters at a time. */
function keyId(key: KeyObject): string {
  const hash = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
  const bits = [...hash.subarray(0, 30)].map(byte => byte.toString(2).padStart(8, '0')).join('')
  const characters = bits.replace(/.{5}/g, five => alphabet[Number.parseInt(five, 2)] ?? '')
  return characters.match(/.{4}/g)?.join(':') ?? ''
}

/**
 * The layers of schema 1 for an image: one for each step of its history, with the config in the newest.
 * @throws ImageError COPY_UNSUPPORTED for a config whose history does not tell of its layers
 */
export function compatibleLayers(config: Uint8Array, layers: readonly Digest[], empty: Digest): CompatibleLayer[] {
  const document = new Reader(parseJson(config, 'image config'), 'image config', 'CONFIG_INVALID')
  const steps = document.get('history').present ? document.get('history').items() : []
  const filled = steps.filter(step => !isEmpty(step)).length
  if (steps.length === 0) throw unsupported('Cannot convert an image with 0 history entries')
  if (filled !== layers.length) throw unsupported(`${filled} steps of the history are not the ${layers.length} layers`)
  const rest = layers.values()
  let parent = ''
  return steps.map((step, at) => {
    const digest = isEmpty(step) ? empty : (rest.next().value ?? empty)
    const last = at === steps.length - 1
    const id = v1Id(digest, parent, ...(last ? [config] : []))
    const made = last ? topDocument(document.object(), { id, parent, step }) : stepDocument(step, id, parent)
    parent = id
    return { digest, compatibility: made }
  })
}

const isEmpty = (step: Reader): boolean => step.object().get('empty_layer') === true

const unsupported = (why: string): ImageError =>
  new ImageError('COPY_UNSUPPORTED', `${why} to ${mediaTypes.dockerSchema1Signed}`)

/** Ids are only asked to differ; these are the ones that others would give. */
function v1Id(digest: Digest, ...others: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256').update(digest.slice(digest.indexOf(':') + 1))
  for (const other of others) hash.update(' ').update(other)
  return hash.digest('hex')
}

function stepDocument(step: Reader, id: string, parent: string): string {
  const text = (key: string): string | undefined => step.get(key).stringOr('') || undefined
  return jsonText({
    id,
    parent: parent || undefined,
    comment: text('comment'),
    created: text('created') ?? '0001-01-01T00:00:00Z',
    container_config: { Cmd: [text('created_by') ?? ''] },
    author: text('author'),
    throwaway: isEmpty(step) || undefined,
  })
}

interface Top {
  readonly id: string
  readonly parent: string
  readonly step: Reader
}

/** The config without what is said elsewhere, keys in order. */
function topDocument(config: JsonObject, { id, parent, step }: Top): string {
  const document = new Map<string, Json>(config)
  document.delete('rootfs')
  document.delete('history')
  document.set('id', id)
  if (parent !== '') document.set('parent', parent)
  if (isEmpty(step)) document.set('throwaway', true)
  return safe(stringifyJson(new Map([...document].sort(([one], [other]) => (one < other ? -1 : 1)))))
}

const jsonText = (value: object): string => safe(JSON.stringify(value))

/** As Go writes JSON: fit to stand in HTML. */
const safe = (json: string): string =>
  json.replace(/[<>&\u2028\u2029]/g, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
