import type { KeyObject } from 'node:crypto'
import { type Certificate, readCertificate } from './certificate.ts'
import { verifyChain } from './chain.ts'
import { refused } from './check-payload.ts'
import { onlyElement } from './der.ts'
import { coversHost } from './host-name.ts'
import { readMaterial } from './material.ts'
import { firstPemBlock, onlyPemBlocks } from './pem.ts'
import type { Material, SigstoreSigned } from './policy.ts'

const codeSigning = '1.3.6.1.5.5.7.3.3'
const issuerOids = { bare: '1.3.6.1.4.1.57264.1.1', encoded: '1.3.6.1.4.1.57264.1.8' } as const
const stringTags: readonly number[] = [0x0c, 0x13, 0x16]

interface Presented {
  readonly certificate: string
  readonly chain: string | undefined
  /** When it was logged, at which the certificates must have been valid; now when undefined. */
  readonly time: Date | undefined
}

/** The key of a certificate that a policy's Fulcio or PKI section trusts. @throws ImageError SIGNATURE_INVALID */
export async function certificateKey(requirement: SigstoreSigned, presented: Presented): Promise<KeyObject> {
  const { fulcio, pki } = requirement
  const roots = await loadRoots(fulcio?.ca ?? pki?.roots)
  const own = pki?.intermediates === undefined ? [] : readCertificates(await loadText(pki.intermediates))
  // The last of a chain is the root it was issued under, which only the policy can vouch for.
  const told = readCertificates(presented.chain ?? '').slice(0, -1)
  const [leaf, ...more] = readCertificates(presented.certificate)
  if (leaf === undefined || more.length > 0) throw refused('the signature has not exactly one certificate')
  const at = presented.time ?? new Date()
  verifyChain(leaf, { roots, intermediates: [...own, ...told], at, purpose: codeSigning })
  if (fulcio !== undefined) {
    checkIssuer(leaf, fulcio.oidcIssuer)
    checkEmail(leaf, fulcio.subjectEmail)
  }
  if (pki?.subjectEmail !== undefined) checkEmail(leaf, pki.subjectEmail)
  if (pki?.subjectHostname !== undefined && !coversHost(leaf.names, pki.subjectHostname))
    throw refused(`the certificate is not for the host ${pki.subjectHostname}`)
  return leaf.key
}

const loadText = async (material: Material): Promise<string> =>
  Buffer.from(await readMaterial(material)).toString('latin1')

/** The certificates of a bundle; one that cannot be read is passed over, but not when it is the only one. */
async function loadRoots(material: Material | undefined): Promise<readonly Certificate[]> {
  const roots: Certificate[] = []
  let block = material === undefined ? undefined : firstPemBlock(await loadText(material))
  for (; block !== undefined; block = firstPemBlock(block.rest)) {
    if (block.label === 'CERTIFICATE') roots.push(...readable(block.der))
  }
  if (roots.length === 0) throw refused('the policy has no CA certificate that can be read')
  return roots
}

function readable(der: Buffer): readonly Certificate[] {
  try {
    return [readCertificate(der)]
  } catch {
    return []
  }
}

function readCertificates(pem: string): readonly Certificate[] {
  const blocks = onlyPemBlocks(pem)
  if (blocks === undefined) throw refused('a certificate cannot be read')
  return blocks.map(({ der }) => readCertificate(der))
}

function checkEmail(leaf: Certificate, email: string): void {
  if (!leaf.names.some(({ kind, value }) => kind === 'email' && value.equals(Buffer.from(email))))
    throw refused(`Required email ${JSON.stringify(email)} not found in the certificate`)
}

/** Fulcio tells the issuer in one extension or two; what both tell must be the same. */
function checkIssuer({ extensions }: Certificate, wanted: string): void {
  const bare = extensions.get(issuerOids.bare)?.value
  const encoded = extensions.get(issuerOids.encoded)?.value
  const issuers = [bare, encoded === undefined ? undefined : readString(encoded)].filter(found => found !== undefined)
  if (issuers.length > 0 && issuers.every(found => found.equals(Buffer.from(wanted)))) return
  const found = issuers.map(one => one.toString()).join(', ')
  throw refused(`Unexpected Fulcio OIDC issuer ${JSON.stringify(found)}, expected ${JSON.stringify(wanted)}`)
}

function readString(der: Buffer): Buffer {
  const { tag, content } = onlyElement(der)
  if (!stringTags.includes(tag)) throw refused('the certificate tells its issuer as something that is no text')
  return content
}
