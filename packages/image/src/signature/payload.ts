import type { Digest } from '../digest.ts'
import { parseJson } from '../json/parse.ts'
import { Reader } from '../json/read.ts'

export type PayloadType = 'atomic container signature' | 'cosign container image signature'

/** What a signature says: this manifest goes by this name. */
export interface Payload {
  readonly type: PayloadType
  readonly manifestDigest: Digest
  readonly dockerReference: string
}

/** Reads a payload strictly: exactly the keys there must be (containers-signature(5)). @throws ImageError SIGNATURE_INVALID */
export function parsePayload(bytes: Uint8Array): Payload {
  const payload = new Reader(parseJson(bytes, 'signature payload'), 'signature payload', 'SIGNATURE_INVALID')
  payload.only(['critical', 'optional'])
  const critical = payload.get('critical').only(['type', 'image', 'identity'])
  const type = critical.get('type').string()
  if (type !== 'atomic container signature' && type !== 'cosign container image signature') {
    critical.get('type').fail('a known signature type')
  }
  checkOptional(payload.get('optional'), type)
  return {
    type: type as PayloadType,
    manifestDigest: critical.get('image').only(['docker-manifest-digest']).get('docker-manifest-digest').digest(),
    dockerReference: critical.get('identity').only(['docker-reference']).get('docker-reference').string(),
  }
}

/** What is optional must be there nevertheless; cosign writes null when it has nothing to say. */
function checkOptional(optional: Reader, type: string): void {
  if (optional.value === null && type === 'cosign container image signature') return
  const [creator, timestamp] = ['creator', 'timestamp'].map(key => optional.get(key))
  if (creator?.present) creator.string()
  if (timestamp?.present) timestamp.integer()
}

/** Writes a payload the way the real tools do; `timestamp` in seconds. */
export function formatPayload(payload: Payload, timestamp: number): Uint8Array {
  const critical = {
    identity: { 'docker-reference': payload.dockerReference },
    image: { 'docker-manifest-digest': payload.manifestDigest },
    type: payload.type,
  }
  return Buffer.from(JSON.stringify({ critical, optional: { creator: 'libpod-image', timestamp } }))
}
