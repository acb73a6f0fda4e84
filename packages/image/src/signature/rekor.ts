import { createHash, type KeyObject, verify } from 'node:crypto'
import { type Json, parseJson, stringifyJson } from '../json/parse.ts'
import { isObject, Reader } from '../json/read.ts'
import { decodeBase64 } from './base64.ts'
import { refused } from './check-payload.ts'
import { firstPemBlock } from './pem.ts'
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
  const bundle = exactly(read(text, 'transparency log bundle'), ['SignedEntryTimestamp', 'Payload'])
  const promise = bytesOf(bundle.get('SignedEntryTimestamp'))
  const entry = bundle.get('Payload')
  const signed = Buffer.from(canonical(entry.object()))
  if (!logs.some(log => verify('sha256', signed, log, promise)))
    throw refused('cryptographic signature verification of Rekor SET failed')
  exactly(entry, ['body', 'integratedTime', 'logIndex', 'logID'])
  entry.get('logIndex').integer()
  entry.get('logID').string()
  const body = bytesOf(entry.get('body')).toString('utf8')
  checkEntry(read(body, 'transparency log entry'), signature, keyOrCertificate)
  return new Date(entry.get('integratedTime').integer() * 1000)
}

const read = (text: string, what: string): Reader => new Reader(parseJson(text, what), what, 'SIGNATURE_INVALID')

function exactly(reader: Reader, keys: readonly string[]): Reader {
  for (const key of keys) if (!reader.get(key).present) reader.get(key).fail('there')
  return reader.only(keys)
}

const bytesOf = (reader: Reader): Buffer => decodeBase64(reader.string()) ?? reader.fail('base64')

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
  const made = decodeBase64(annotations[signatureAnnotation] ?? '')
  if (made === undefined || !bytesOf(logged.get('content')).equals(made))
    throw refused('the log entry is about another signature')
  const hash = spec.get('data').get('hash')
  const found = createHash('sha256').update(payload).digest('hex')
  if (hash.get('algorithm').string() !== 'sha256' || hash.get('value').string().toLowerCase() !== found)
    throw refused('the log entry is about another payload')
  const holder = bytesOf(logged.get('publicKey').get('content')).toString('latin1')
  if (!derOf(holder).equals(derOf(keyOrCertificate))) throw refused('the log entry is about another key')
}

/** What is compared is what a key or certificate says, whatever it is labelled as. */
function derOf(pem: string): Buffer {
  const block = firstPemBlock(pem)
  if (block === undefined || block.rest !== '') throw refused('the log entry holds no usable key')
  return block.der
}
