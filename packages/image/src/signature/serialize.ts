import { ImageError } from '../errors.ts'
import type { Signature } from './signature.ts'

const sigstoreFormat = 'sigstore-json'

/** The bytes a signature is stored as where several kinds lie side by side. */
export function serializeSignature(signature: Signature): Uint8Array {
  if (signature.kind === 'simple') return signature.bytes
  const { mimeType, annotations } = signature
  const body = { mimeType, payload: Buffer.from(signature.payload).toString('base64'), annotations }
  return Buffer.concat([Buffer.from(`\0${sigstoreFormat}\n`), Buffer.from(JSON.stringify(body))])
}

/** @throws ImageError SIGNATURE_INVALID */
export function deserializeSignature(bytes: Uint8Array): Signature {
  const [first] = bytes
  if (first === undefined) throw invalid('it is empty')
  if ((first & 0x80) !== 0) return { kind: 'simple', bytes }
  const end = bytes.indexOf(0x0a)
  const format = first === 0 && end > 0 ? Buffer.from(bytes.subarray(1, end)).toString('latin1') : ''
  if (format === 'simple-signing') return { kind: 'simple', bytes: bytes.subarray(end + 1) }
  if (format === sigstoreFormat) return readSigstore(Buffer.from(bytes.subarray(end + 1)))
  throw invalid('its format is unknown')
}

function readSigstore(body: Buffer): Signature {
  const { mimeType, payload, annotations } = JSON.parse(body.toString('utf8')) as Record<string, unknown>
  if (typeof mimeType !== 'string' || typeof payload !== 'string') throw invalid('it lacks its payload')
  const pairs = Object.entries((annotations ?? {}) as object).map(([key, value]) => [key, String(value)] as const)
  return {
    kind: 'sigstore',
    mimeType,
    payload: Buffer.from(payload, 'base64'),
    annotations: Object.fromEntries(pairs),
  }
}

const invalid = (why: string): ImageError => new ImageError('SIGNATURE_INVALID', `invalid signature: ${why}`)
