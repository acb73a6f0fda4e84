import { type KeyObject, X509Certificate } from 'node:crypto'
import { refused } from './check-payload.ts'
import { type Element, elements, onlyElement, readOid } from './der.ts'

/** What of an X.509 certificate (RFC 5280) trust depends on. */
export interface Certificate {
  readonly der: Buffer
  readonly key: KeyObject
  /** Names as they are encoded: equal names are equal bytes. */
  readonly subject: Buffer
  readonly issuer: Buffer
  readonly from: Date
  readonly to: Date
  /** Whether it may certify others; `unknown` where nothing is said, as before version 3. */
  readonly authority: 'yes' | 'no' | 'unknown'
  /** How many intermediates may follow; unlimited when undefined. */
  readonly pathLength: number | undefined
  /** Purposes as object identifiers; any when undefined. */
  readonly purposes: readonly string[] | undefined
  readonly names: readonly AlternativeName[]
  readonly constraints: NameConstraints
  readonly extensions: ReadonlyMap<string, Extension>
  /** What it says that must be understood and is not: nothing may then be concluded from it. */
  readonly unknown: string | undefined
  /** Whether its signature is made with an algorithm that still means something, by the key of `issuer`. */
  isSignedBy(issuer: Certificate): boolean
}

export interface Extension {
  readonly critical: 'yes' | 'no'
  readonly value: Buffer
}

export interface AlternativeName {
  readonly kind: 'email' | 'host' | 'uri' | 'address'
  readonly value: Buffer
}

export interface NameConstraints {
  readonly permitted: readonly AlternativeName[]
  readonly excluded: readonly AlternativeName[]
}

const oids = {
  keyUsage: '2.5.29.15',
  alternativeNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  purposes: '2.5.29.37',
} as const
/** Extensions that may be critical: those above, and such as restrict nothing that is decided here. */
const understood: ReadonlySet<string> = new Set([
  ...Object.values(oids),
  ...['2.5.29.14', '2.5.29.31', '2.5.29.32', '2.5.29.35', '2.5.29.54', '1.3.6.1.5.5.7.1.1'],
])

/** @throws ImageError SIGNATURE_INVALID */
export function readCertificate(der: Buffer): Certificate {
  const [body, algorithm, signature, ...more] = elements(onlyElement(der, 0x30).content)
  if (body === undefined || algorithm === undefined || signature?.tag !== 0x03 || more.length > 0) throw unreadable()
  const fields = elements(body.content)
  const version = fields[0]?.tag === 0xa0 ? (fields[0].content.at(-1) ?? 0) + 1 : 1
  const [, inner, issuer, , subject, , ...optional] = version === 1 ? fields : fields.slice(1)
  if (inner === undefined || issuer === undefined || subject === undefined) throw unreadable()
  if (!inner.raw.equals(algorithm.raw)) throw refused('a certificate names two signature algorithms')
  const extensions = readExtensions(version === 3 ? optional.find(({ tag }) => tag === 0xa3) : undefined)
  const x509 = open(der)
  return {
    ...{ der, key: keyOf(x509), subject: subject.raw, issuer: issuer.raw, extensions },
    from: x509.validFromDate,
    to: x509.validToDate,
    ...readAuthority(extensions, version),
    purposes: readPurposes(extensions.get(oids.purposes)),
    names: readNames(extensions.get(oids.alternativeNames)),
    constraints: readConstraints(extensions.get(oids.nameConstraints)),
    unknown: findUnknown(extensions),
    isSignedBy: ({ key }) => isStrong(algorithm) && verifies(x509, key),
  }
}

const unreadable = (cause?: unknown): Error => refused('a certificate cannot be read', cause)

function open(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der)
  } catch (cause) {
    throw unreadable(cause)
  }
}

const curves: readonly (string | undefined)[] = ['secp224r1', 'prime256v1', 'secp384r1', 'secp521r1']

function keyOf(x509: X509Certificate): KeyObject {
  const key = publicKeyOf(x509)
  if (key.asymmetricKeyType !== 'ec' || curves.includes(key.asymmetricKeyDetails?.namedCurve)) return key
  throw refused('a certificate has a key on a curve that is not of NIST')
}

function publicKeyOf(x509: X509Certificate): KeyObject {
  try {
    return x509.publicKey
  } catch (cause) {
    throw unreadable(cause)
  }
}

function verifies(x509: X509Certificate, key: KeyObject): boolean {
  try {
    return x509.verify(key)
  } catch {
    return false
  }
}

function readExtensions(wrapped: Element | undefined): ReadonlyMap<string, Extension> {
  const found = new Map<string, Extension>()
  const list = wrapped === undefined ? [] : elements(onlyElement(wrapped.content, 0x30).content)
  for (const { content } of list) {
    const [id, ...rest] = elements(content)
    const value = rest.at(-1)
    if (id === undefined || value?.tag !== 0x04) throw unreadable()
    const oid = readOid(id.content)
    if (found.has(oid)) throw refused(`a certificate has the extension ${oid} twice`)
    found.set(oid, { critical: rest.length > 1 && rest[0]?.content[0] !== 0 ? 'yes' : 'no', value: value.content })
  }
  return found
}

function findUnknown(extensions: ReadonlyMap<string, Extension>): string | undefined {
  const critical = [...extensions].filter(([, extension]) => extension.critical === 'yes')
  const unknown = critical.find(
    ([oid, { value }]) => !understood.has(oid) || (oid === oids.nameConstraints && !constrainsKnownNames(value)),
  )
  return unknown?.[0]
}

const mayCertify = 0x04 // keyCertSign, counted from the highest bit

function readAuthority(
  extensions: ReadonlyMap<string, Extension>,
  version: number,
): Pick<Certificate, 'authority' | 'pathLength'> {
  const basic = extensions.get(oids.basicConstraints)
  const usage = extensions.get(oids.keyUsage)
  const uses = usage === undefined ? undefined : (onlyElement(usage.value, 0x03).content[1] ?? 0)
  if (basic === undefined) return { authority: version === 3 ? 'no' : 'unknown', pathLength: undefined }
  const parts = elements(onlyElement(basic.value, 0x30).content)
  const isAuthority = parts.some(({ tag, content }) => tag === 0x01 && content[0] !== 0)
  const length = parts.find(({ tag }) => tag === 0x02)?.content
  return {
    authority: isAuthority && (uses === undefined || (uses & mayCertify) !== 0) ? 'yes' : 'no',
    pathLength: length === undefined ? undefined : length.readUIntBE(0, Math.min(length.length, 6)),
  }
}

function readPurposes(extension: Extension | undefined): readonly string[] | undefined {
  if (extension === undefined) return undefined
  return elements(onlyElement(extension.value, 0x30).content).map(({ content }) => readOid(content))
}

const kinds: ReadonlyMap<number, AlternativeName['kind']> = new Map([
  [0x81, 'email'],
  [0x82, 'host'],
  [0x86, 'uri'],
  [0x87, 'address'],
])

/** The names of kinds that are asked for; others say nothing here. */
function readNames(extension: Extension | undefined): readonly AlternativeName[] {
  if (extension === undefined) return []
  return elements(onlyElement(extension.value, 0x30).content).flatMap(({ tag, content }) => {
    const kind = kinds.get(tag)
    return kind === undefined ? [] : [wellFormed({ kind, value: content })]
  })
}

function wellFormed(name: AlternativeName): AlternativeName {
  const { kind, value } = name
  const text = value.toString('latin1')
  if (kind === 'address' ? value.length === 4 || value.length === 16 : /^[\0-\x7f]*$/.test(text)) {
    if (kind !== 'uri' || !text.includes('://') || URL.canParse(text)) return name
  }
  throw refused(`a certificate has the ${kind} ${JSON.stringify(text)}, which is none`)
}

const permitted = 0xa0
const excluded = 0xa1

function readConstraints(extension: Extension | undefined): NameConstraints {
  const of = (wanted: number): readonly AlternativeName[] =>
    extension === undefined ? [] : constraintBases(extension.value, wanted).flatMap(readConstraint)
  return { permitted: of(permitted), excluded: of(excluded) }
}

const constraintBases = (value: Buffer, wanted: number): readonly (Element | undefined)[] =>
  elements(onlyElement(value, 0x30).content)
    .filter(({ tag }) => tag === wanted)
    .flatMap(({ content }) => elements(content))
    .map(({ content }) => elements(content)[0])

function readConstraint(base: Element | undefined): readonly AlternativeName[] {
  const kind = kinds.get(base?.tag ?? 0)
  return base === undefined || kind === undefined ? [] : [{ kind, value: base.content }]
}

const constrainsKnownNames = (value: Buffer): boolean =>
  [permitted, excluded].flatMap(wanted => constraintBases(value, wanted)).every(base => kinds.has(base?.tag ?? 0))

/** AlgorithmIdentifiers of ECDSA, RSA and Ed25519 over SHA-2: what hashes with MD5 or SHA-1 can be forged. */
const strong: ReadonlySet<string> = new Set([
  ...['2', '3', '4'].map(last => `06082a8648ce3d04030${last}`),
  ...['b', 'c', 'd'].map(last => `06092a864886f70d01010${last}0500`),
  ...[
    ['1', '20'],
    ['2', '30'],
    ['3', '40'],
  ].map(([hash, salt]) => pss(`300d060960864801650304020${hash}0500`, `${salt}`)),
  '06032b6570',
])

function pss(hash: string, salt: string): string {
  const maskedBy = `a11c301a06092a864886f70d010108${hash}`
  return `06092a864886f70d01010a3034a00f${hash}${maskedBy}a2030201${salt}`
}

const isStrong = ({ content }: Element): boolean => strong.has(content.toString('hex'))
