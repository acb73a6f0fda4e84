import type { Certificate } from './certificate.ts'
import { refused } from './check-payload.ts'
import { constraintProblem } from './name-constraints.ts'

/** What a certificate must be traced back to, and by way of which others it may be. */
export interface Trust {
  readonly roots: readonly Certificate[]
  readonly intermediates: readonly Certificate[]
  /** When all of a chain must have been valid. */
  readonly at: Date
  /** The purpose that all of a chain must allow, as object identifier. */
  readonly purpose: string
}

const anyPurpose = '2.5.29.37.0'
/** Certificates that all could have issued each other make more chains than anyone can check. */
const maximumSignatureChecks = 100

interface Search extends Trust {
  /** Why what could have been a chain is none. */
  readonly reasons: string[]
  checks: number
}

/** Refuses a certificate that no chain leads from to a root (RFC 5280 §6). @throws ImageError SIGNATURE_INVALID */
export function verifyChain(leaf: Certificate, trust: Trust): void {
  const problem = validityProblem(leaf, trust.at)
  if (problem !== undefined) throw refused(problem)
  const search: Search = { ...trust, reasons: [], checks: 0 }
  const isRoot = trust.roots.some(root => root.der.equals(leaf.der))
  if (isRoot ? isFor(search, [leaf]) : leadsToRoot([leaf], search)) return
  const [reason] = search.reasons
  throw refused(`the certificate is not issued by a trusted authority${reason === undefined ? '' : ` (${reason})`}`)
}

function leadsToRoot(chain: readonly Certificate[], search: Search): boolean {
  const isEnd = (root: Certificate): boolean => isNext(root, chain, search) && isFor(search, [...chain, root])
  if (search.roots.some(isEnd)) return true
  return search.intermediates.some(
    middle => middle.authority === 'yes' && isNext(middle, chain, search) && leadsToRoot([...chain, middle], search),
  )
}

/** Whether an authority issued the end of a chain and may stand behind all of it. */
function isNext(authority: Certificate, chain: readonly Certificate[], search: Search): boolean {
  const last = chain.at(-1)
  if (last === undefined || !authority.subject.equals(last.issuer)) return false
  if (chain.some(one => one.subject.equals(authority.subject) && one.key.equals(authority.key))) return false
  const problem =
    authorityProblem(authority, last, search) ??
    validityProblem(authority, search.at) ??
    lengthProblem(authority, chain) ??
    chain.map(one => constraintProblem(authority, one)).find(found => found !== undefined)
  if (problem !== undefined) search.reasons.push(problem)
  return problem === undefined
}

function authorityProblem(authority: Certificate, issued: Certificate, search: Search): string | undefined {
  if (authority.authority === 'no') return 'its issuer may not certify others'
  if (++search.checks > maximumSignatureChecks) return 'too many certificates could be its issuer'
  return issued.isSignedBy(authority) ? undefined : 'its issuer did not sign it'
}

function validityProblem({ from, to, unknown }: Certificate, at: Date): string | undefined {
  if (unknown !== undefined) return `a certificate has the critical extension ${unknown}, which is not understood`
  return at >= from && at <= to ? undefined : 'a certificate was not valid when the signature was made'
}

const lengthProblem = ({ pathLength }: Certificate, chain: readonly Certificate[]): string | undefined =>
  pathLength === undefined || chain.length - 1 <= pathLength ? undefined : 'its chain is too long for an authority'

function isFor(search: Search, chain: readonly Certificate[]): boolean {
  const fits = ({ purposes }: Certificate): boolean =>
    purposes === undefined || purposes.includes(search.purpose) || purposes.includes(anyPurpose)
  const all = chain.every(fits)
  if (!all) search.reasons.push('a certificate is not for code signing')
  return all
}
