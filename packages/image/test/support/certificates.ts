import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { bits, element, integer, name, oid, sequence, time, utf8 } from './der.ts'

/** What a certificate shall say; made by hand, so that it may say what no authority would certify. */
export interface CertificateFields {
  readonly subject?: string
  /** Who signs it; itself when not told. */
  readonly by?: Certificate
  /** The name of the issuer where it is not that of the certificate that signs. */
  readonly issuer?: string
  readonly key?: KeyPair
  readonly from?: Date
  readonly to?: Date
  readonly extensions?: readonly Uint8Array[]
  readonly hash?: 'sha256' | 'sha1' | 'pss'
  readonly version?: 1 | 3
}

export interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

export interface Certificate {
  readonly pem: string
  readonly subject: string
  readonly key: KeyPair
}

const day = 24 * 60 * 60 * 1000
let serial = 1

export const newKey = (): KeyPair => generateKeyPairSync('ec', { namedCurve: 'P-256' })

export function certificate(fields: CertificateFields = {}): Certificate {
  const { subject = 'leaf', by, key = newKey(), extensions = [], hash = 'sha256', version = 3 } = fields
  const { from = new Date(Date.now() - day), to = new Date(Date.now() + day) } = fields
  const holder = { subject, key }
  const signer = by ?? holder
  const kind = signer.key.privateKey.asymmetricKeyType
  const algorithm = sequence(...(algorithms[`${kind} ${hash}`] ?? []))
  const body = sequence(
    ...(version === 3 ? [element(0xa0, integer(2))] : []),
    integer(serial++),
    algorithm,
    name(fields.issuer ?? signer.subject),
    sequence(time(from), time(to)),
    name(subject),
    key.publicKey.export({ type: 'spki', format: 'der' }),
    ...(version === 3 && extensions.length > 0 ? [element(0xa3, sequence(...extensions))] : []),
  )
  const padding = hash === 'pss' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {}
  const hashed = kind === 'ed25519' ? null : hash === 'pss' ? 'sha256' : hash
  const signature = bits(sign(hashed, body, { key: signer.key.privateKey, ...padding }))
  return { ...holder, pem: pem('CERTIFICATE', sequence(body, algorithm, signature)) }
}

const none = element(0x05)
const sha256 = sequence(oid('2.16.840.1.101.3.4.2.1'), none)
const mask = sequence(oid('1.2.840.113549.1.1.8'), sha256)

const algorithms: Readonly<Record<string, readonly Uint8Array[]>> = {
  'ec sha256': [oid('1.2.840.10045.4.3.2')],
  'ec sha1': [oid('1.2.840.10045.4.1')],
  'rsa sha256': [oid('1.2.840.113549.1.1.11'), none],
  'rsa sha1': [oid('1.2.840.113549.1.1.5'), none],
  'rsa pss': [
    oid('1.2.840.113549.1.1.10'),
    sequence(element(0xa0, sha256), element(0xa1, mask), element(0xa2, integer(32))),
  ],
  'ed25519 sha256': [oid('1.3.101.112')],
}

export function pem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}

// Extensions (RFC 5280 §4.2).

type Critical = 'critical' | 'optional'

export const extension = (id: string, value: Uint8Array, critical: Critical = 'optional'): Uint8Array =>
  sequence(oid(id), ...(critical === 'critical' ? [element(0x01, Buffer.of(0xff))] : []), element(0x04, value))

export function authorityOf(pathLength?: number): Uint8Array {
  const limit = pathLength === undefined ? [] : [integer(pathLength)]
  return extension('2.5.29.19', sequence(element(0x01, Buffer.of(0xff)), ...limit), 'critical')
}

export const purposes = (...ids: readonly string[]): Uint8Array => extension('2.5.29.37', sequence(...ids.map(oid)))
export const codeSigning = purposes('1.3.6.1.5.5.7.3.3')

/** The key's uses as the bits of the extension, the first use in the highest. */
export const keyUses = (uses: number): Uint8Array =>
  extension('2.5.29.15', element(0x03, Buffer.of(0, uses)), 'critical')

const kinds = { email: 0x81, host: 0x82, uri: 0x86, address: 0x87 } as const

export type AlternativeName = readonly [keyof typeof kinds, string | Uint8Array]

const general = ([kind, value]: AlternativeName): Uint8Array => element(kinds[kind], Buffer.from(value as string))

export const alternatives = (names: readonly AlternativeName[], critical: Critical = 'optional'): Uint8Array =>
  extension('2.5.29.17', sequence(...names.map(general)), critical)

export function nameConstraints(trees: {
  readonly permitted?: readonly AlternativeName[]
  readonly excluded?: readonly AlternativeName[]
}): Uint8Array {
  const subtrees = (tag: number, names: readonly AlternativeName[] = []) =>
    names.length === 0 ? [] : [element(tag, ...names.map(item => sequence(general(item))))]
  return extension(
    '2.5.29.30',
    sequence(...subtrees(0xa0, trees.permitted), ...subtrees(0xa1, trees.excluded)),
    'critical',
  )
}

/** Who the identity provider was, as Fulcio writes it: bare text in the older extension, a string in the newer. */
export const issuerV1 = (text: string): Uint8Array => extension('1.3.6.1.4.1.57264.1.1', Buffer.from(text))
export const issuerV2 = (text: string): Uint8Array => extension('1.3.6.1.4.1.57264.1.8', utf8(text))
