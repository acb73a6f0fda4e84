import { createHash, createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto'
import { type Json, parseJson, stringifyJson } from '../json/parse.ts'
import { isObject, Reader } from '../json/read.ts'
import { refused } from './check-payload.ts'
import type { SigstoreSignature } from './signature.ts'

export const bundleAnnotation = 'dev.sigstore.cosign/bundle'
const signatureAnnotation = 'dev.cosignproject.cosign/signature'

/**
 * Verifies that a log promised to hold this very signature by this very key or certificate (PEM), and returns when
 * it was logged.
 * @throws ImageError SIGNATURE_INVALID
 */
export function verifyBundle(signature: SigstoreSignature, logs: readonly KeyObject[], keyOrCertificate: string): Date {
  const text = signature.annotations[bundleAnnotation]
  if (text === undefined) throw refused(`missing ${bundleAnnotation} annotation`)
  const bundle = read(text, 'transparency log bundle')
  const promise = Buffer.from(bundle.get('SignedEntryTimestamp').string(), 'base64')
  const entry = bundle.get('Payload')
  const signed = Buffer.from(canonical(entry.object()))
  if (!logs.some(log => verify('sha256', signed, log, promise)))
    throw refused('cryptographic signature verification of Rekor SET failed')
  const body = Buffer.from(entry.get('body').string(), 'base64').toString('utf8')
  checkEntry(read(body, 'transparency log entry'), signature, keyOrCertificate)
  return new Date(entry.get('integratedTime').integer() * 1000)
}

const read = (text: string, what: string): Reader => new Reader(parseJson(text, what), what, 'SIGNATURE_INVALID')

/** RFC 8785 for what a payload can hold: keys sorted, no space. */
function canonical(value: Json): string {
  if (!isObject(value)) return stringifyJson(value)
  const sorted = [...value].sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
}

function checkEntry(entry: Reader, { payload, annotations }: SigstoreSignature, keyOrCertificate: string): void {
  if (entry.get('kind').string() !== 'hashedrekord' || entry.get('apiVersion').string() !== '0.0.1') {
    throw refused('the transparency log entry is not a hashedrekord 0.0.1')
  }
  const spec = entry.get('spec')
  const logged = spec.get('signature')
  if (!sameBytes(logged.get('content').string(), annotations[signatureAnnotation] ?? ''))
    throw refused('the log entry is about another signature')
  const hash = spec.get('data').get('hash')
  const found = createHash('sha256').update(payload).digest('hex')
  if (hash.get('algorithm').string() !== 'sha256' || hash.get('value').string() !== found)
    throw refused('the log entry is about another payload')
  const holder = Buffer.from(logged.get('publicKey').get('content').string(), 'base64').toString('utf8')
  if (!sameKey(holder, keyOrCertificate)) throw refused('the log entry is about another key')
}

const sameBytes = (a: string, b: string): boolean => Buffer.from(a, 'base64').equals(Buffer.from(b, 'base64'))

function sameKey(a: string, b: string): boolean {
  try {
    return derOf(a).equals(derOf(b))
  } catch (cause) {
    throw refused('the log entry holds no usable key', cause)
  }
}

function derOf(pem: string): Buffer {
  if (pem.includes('BEGIN CERTIFICATE')) return new X509Certificate(pem).raw
  return createPublicKey(pem).export({ type: 'spki', format: 'der' })
}
