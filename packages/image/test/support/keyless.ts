import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import type { SigstoreSignature } from '../../src/index.ts'
import {
  type AlternativeName,
  alternatives,
  authorityOf,
  type Certificate,
  type CertificateFields,
  certificate,
  codeSigning,
  issuerV1,
  issuerV2,
  type KeyPair,
  newKey,
} from './certificates.ts'
import { manifestDigest, type SignedCase } from './verdicts.ts'

/** The name that all these signatures are made for. */
export const signedName = 'example.com/app:1'
export const log = newKey()

export const base64 = (content: string | Uint8Array): string => Buffer.from(content).toString('base64')
export const publicPem = ({ publicKey }: Pick<KeyPair, 'publicKey'>): string =>
  publicKey.export({ type: 'spki', format: 'pem' }).toString()

export const annotationOf = {
  signature: 'dev.cosignproject.cosign/signature',
  certificate: 'dev.sigstore.cosign/certificate',
  chain: 'dev.sigstore.cosign/chain',
  bundle: 'dev.sigstore.cosign/bundle',
} as const

export interface Payload {
  critical: Record<string, unknown>
  optional: unknown
}

interface Entry {
  body: string
  integratedTime: unknown
  logIndex: unknown
  logID: string
}

/** What of a signature is otherwise than it should be. Each is handed what it would be, to change or to replace. */
export interface Change {
  readonly payload?: (payload: Payload) => object
  readonly text?: (payload: string) => string
  readonly signature?: (signature: Buffer) => string
  readonly record?: (record: ReturnType<typeof recordOf>) => unknown
  readonly holder?: (pem: string) => string
  readonly entry?: (entry: Entry) => unknown
  /** Written instead of the entry that was promised. */
  readonly instead?: (entry: Entry) => unknown
  readonly bundle?: (bundle: Record<string, unknown>) => unknown
  readonly log?: KeyPair
  /** When it was logged, in seconds. */
  readonly time?: number
  readonly annotations?: Readonly<Record<string, string | undefined>>
  readonly mimeType?: string
}

/** Whoever signs: a key, and what the log is told of it, a public key or a certificate. */
export interface Holder {
  readonly key: KeyPair
  readonly pem: string
}

const same = <T>(value: T): T => value

/** A sigstore signature with the promise of {@link log}, and with the certificate where there is one. */
function signLogged(holder: Holder, change: Change): SigstoreSignature {
  const critical = {
    identity: { 'docker-reference': signedName },
    image: { 'docker-manifest-digest': manifestDigest },
    type: 'cosign container image signature',
  }
  const made = (change.payload ?? same)({ critical, optional: null })
  const payload = (change.text ?? same)(JSON.stringify(made))
  const digestAlgorithm = holder.key.privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  const signature = sign(digestAlgorithm, Buffer.from(payload), holder.key.privateKey)
  const content = change.signature?.(signature) ?? base64(signature)
  const record = recordOf({ payload, content, pem: (change.holder ?? same)(holder.pem) })
  const annotations = {
    [annotationOf.signature]: content,
    ...(holder.pem.includes('CERTIFICATE') && { [annotationOf.certificate]: holder.pem }),
    [annotationOf.bundle]: bundleOf((change.record ?? same)(record), change),
    ...change.annotations,
  }
  const told = Object.entries(annotations).filter((pair): pair is [string, string] => pair[1] !== undefined)
  const mimeType = change.mimeType ?? 'application/vnd.dev.cosign.simplesigning.v1+json'
  return { kind: 'sigstore', mimeType, payload: Buffer.from(payload), annotations: Object.fromEntries(told) }
}

const recordOf = (of: { readonly payload: string; readonly content: string; readonly pem: string }) => ({
  apiVersion: '0.0.1',
  kind: 'hashedrekord',
  spec: {
    data: { hash: { algorithm: 'sha256', value: createHash('sha256').update(of.payload).digest('hex') } },
    signature: { content: of.content, publicKey: { content: base64(of.pem) } },
  },
})

function bundleOf(record: unknown, change: Change): string {
  const { log: by = log, time = Math.floor(Date.now() / 1000) } = change
  // In the order of RFC 8785, over which the log signs.
  const entry = { body: base64(JSON.stringify(record)), integratedTime: time, logID: 'ab'.repeat(32), logIndex: 1 }
  const promised = (change.entry ?? same)(entry)
  const bundle = {
    SignedEntryTimestamp: base64(sign('sha256', Buffer.from(JSON.stringify(promised)), by.privateKey)),
    Payload: (change.instead ?? same)(promised as Entry),
  }
  return JSON.stringify((change.bundle ?? same)(bundle))
}

// Authorities, and policies that trust them.

export const hour = 60 * 60
export const now = Math.floor(Date.now() / 1000)
const at = (hours: number): Date => new Date((now + hours * hour) * 1000)
export const past = { from: at(-5), to: at(-2) }
export const future = { from: at(5), to: at(9) }

export const issuer = 'https://issuer.example.com'
export const email = 'dev@example.com'
export const host = 'build.example.com'
export const rsaOf = (modulusLength: number): KeyPair => generateKeyPairSync('rsa', { modulusLength })
export const rsa = rsaOf(2048)
export const ed = generateKeyPairSync('ed25519')
export const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })

export const root = certificate({ subject: 'root', extensions: [authorityOf()] })
/** It goes by the root's name. */
export const stranger = certificate({ subject: 'root', extensions: [authorityOf()] })
export const middle = (fields: CertificateFields = {}): Certificate =>
  certificate({ subject: 'middle', by: root, extensions: [authorityOf()], ...fields })
export const under = middle()

export const withEmail = (...more: readonly AlternativeName[]): Uint8Array => alternatives([['email', email], ...more])
export const names = withEmail(['host', host])
/** A certificate as Fulcio would issue it to whom the policy wants. */
export const leaf = (fields: CertificateFields = {}): Certificate =>
  certificate({ by: root, extensions: [codeSigning, names, issuerV1(issuer), issuerV2(issuer)], ...fields })
export const saying = (...extensions: readonly Uint8Array[]): Certificate =>
  leaf({ extensions: [codeSigning, ...extensions] })

export const signedIdentity = { type: 'exactReference', dockerReference: signedName }
export const rekor = { rekorPublicKeyData: base64(publicPem(log)) }

export const fulcio = (change: object = {}, more: object = {}): object => ({
  type: 'sigstoreSigned',
  fulcio: { caData: base64(root.pem), oidcIssuer: issuer, subjectEmail: email, ...change },
  ...rekor,
  signedIdentity,
  ...more,
})

export const signed = (holder: Holder = leaf(), change: Change = {}): SigstoreSignature => signLogged(holder, change)
export const byFulcio = (holder?: Holder, change?: Change): SignedCase => ({
  requirement: fulcio(),
  signature: signed(holder, change),
})
export const byPolicy = (change: object = {}, more: object = {}): SignedCase => ({
  requirement: fulcio(change, more),
  signature: signed(),
})
export const changed = (change: Change): SignedCase => byFulcio(leaf(), change)

/** Changes what of a payload is critical. */
export const saysCritically =
  (change: object) =>
  (payload: Payload): object => ({ ...payload, critical: { ...payload.critical, ...change } })
