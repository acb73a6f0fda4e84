import { type KeyObject, X509Certificate } from 'node:crypto'
import { refused } from './check-payload.ts'
import { readMaterial } from './material.ts'
import type { Material, SigstoreSigned } from './policy.ts'

const codeSigning = '1.3.6.1.5.5.7.3.3'
const issuerOids = ['1.3.6.1.4.1.57264.1.8', '1.3.6.1.4.1.57264.1.1'] as const
const longestChain = 8

interface Presented {
  readonly certificate: string
  readonly chain: string | undefined
  /** When it was logged, at which the certificates must have been valid; now when undefined. */
  readonly time: Date | undefined
}

/** The key of a certificate that a policy's Fulcio or PKI section trusts. @throws ImageError SIGNATURE_INVALID */
export async function certificateKey(requirement: SigstoreSigned, presented: Presented): Promise<KeyObject> {
  const [leaf] = readCertificates(presented.certificate)
  if (leaf === undefined) throw refused('the signature has no certificate')
  const { fulcio, pki } = requirement
  const roots = await load(fulcio?.ca ?? pki?.roots)
  const own = await load(pki?.intermediates)
  const middle = [...own, ...(presented.chain === undefined ? [] : readCertificates(presented.chain))]
  const at = presented.time ?? new Date()
  verifyChain(leaf, { roots, middle, at })
  if (leaf.keyUsage !== undefined && !leaf.keyUsage.includes(codeSigning))
    throw refused('the certificate is not for code signing')
  if (fulcio !== undefined) {
    checkIssuer(leaf, fulcio.oidcIssuer)
    checkEmail(leaf, fulcio.subjectEmail)
  }
  if (pki?.subjectEmail !== undefined) checkEmail(leaf, pki.subjectEmail)
  if (pki?.subjectHostname !== undefined && leaf.checkHost(pki.subjectHostname) === undefined) {
    throw refused(`the certificate is not for the host ${pki.subjectHostname}`)
  }
  return leaf.publicKey
}

async function load(material: Material | undefined): Promise<readonly X509Certificate[]> {
  return material === undefined ? [] : readCertificates(Buffer.from(await readMaterial(material)).toString('latin1'))
}

function readCertificates(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  try {
    return blocks.map(block => new X509Certificate(block))
  } catch (cause) {
    throw refused('a certificate cannot be read', cause)
  }
}

interface Trust {
  readonly roots: readonly X509Certificate[]
  readonly middle: readonly X509Certificate[]
  readonly at: Date
}

function verifyChain(leaf: X509Certificate, trust: Trust): void {
  let at = leaf
  for (let depth = 0; depth < longestChain; depth++) {
    requireValid(at, trust.at)
    const root = trust.roots.find(candidate => isIssuedBy(at, candidate))
    if (root !== undefined) {
      requireValid(root, trust.at)
      return
    }
    const next = trust.middle.find(candidate => !candidate.raw.equals(at.raw) && isIssuedBy(at, candidate))
    if (next === undefined) break
    at = next
  }
  throw refused('the certificate is not issued by a trusted authority')
}

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)

function requireValid(certificate: X509Certificate, at: Date): void {
  if (at < certificate.validFromDate || at > certificate.validToDate)
    throw refused('a certificate was not valid when the signature was made')
}

function checkEmail(leaf: X509Certificate, email: string): void {
  const names = (leaf.subjectAltName ?? '').split(', ')
  if (!names.includes(`email:${email}`))
    throw refused(`Required email ${JSON.stringify(email)} not found in the certificate`)
}

function checkIssuer(leaf: X509Certificate, wanted: string): void {
  const found = issuerOids.map(oid => extension(leaf.raw, oid)).filter(value => value !== undefined)
  const issuers = new Set(found)
  if (issuers.size !== 1 || !issuers.has(wanted)) {
    throw refused(
      `Unexpected Fulcio OIDC issuer ${JSON.stringify([...issuers].join(', '))}, expected ${JSON.stringify(wanted)}`,
    )
  }
}

/** The text of a certificate extension: raw, or a DER UTF8String where the newer OID says so. */
function extension(der: Buffer, oid: string): string | undefined {
  const encoded = encodeOid(oid)
  const at = der.indexOf(encoded)
  if (at < 0) return undefined
  let rest = der.subarray(at + encoded.length)
  if (rest[0] === 0x01) rest = rest.subarray(3)
  const value = rest[0] === 0x04 ? content(rest) : undefined
  if (value === undefined) return undefined
  const text = value[0] === 0x0c && oid === issuerOids[0] ? content(value) : value
  return text?.toString('utf8')
}

/** The content of one DER element. */
function content(der: Buffer): Buffer | undefined {
  const first = der[1] ?? 0
  if (first < 0x80) return der.subarray(2, 2 + first)
  const bytes = first & 0x7f
  if (bytes > 2) return undefined
  return der.subarray(2 + bytes, 2 + bytes + der.readUIntBE(2, bytes))
}

/** An OBJECT IDENTIFIER element (X.690 §8.19). */
function encodeOid(oid: string): Buffer {
  const [first = 0, second = 0, ...rest] = oid.split('.').map(Number)
  const body = [first * 40 + second, ...rest.flatMap(base128)]
  return Buffer.from([0x06, body.length, ...body])
}

function base128(value: number): number[] {
  const digits = [value & 0x7f]
  for (let left = value >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80)
  return digits
}
