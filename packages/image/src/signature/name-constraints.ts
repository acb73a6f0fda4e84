import type { AlternativeName, Certificate } from './certificate.ts'

/**
 * Why an authority may not vouch for a certificate's names (RFC 5280 §4.2.1.10); undefined when it may. Names in which
 * nothing can be found that a constraint speaks of count as not permitted.
 */
export function constraintProblem({ constraints }: Certificate, { names }: Certificate): string | undefined {
  for (const name of names) {
    const isMet = (constraint: AlternativeName): boolean => constraint.kind === name.kind && matches(name, constraint)
    const permitted = constraints.permitted.filter(({ kind }) => kind === name.kind)
    const excluded = constraints.excluded.filter(({ kind }) => kind === name.kind)
    if (permitted.length + excluded.length > 0 && domainOf(name) === undefined) return notFor(name)
    if (
      excluded.some(constraint => isMet(constraint) || mayStandFor(name, constraint)) ||
      (permitted.length > 0 && !permitted.some(isMet))
    )
      return notFor(name)
  }
  return undefined
}

const notFor = ({ kind, value }: AlternativeName): string =>
  `an authority may not certify the ${kind} ${kind === 'address' ? value.toString('hex') : JSON.stringify(text(value))}`

const text = (value: Buffer): string => value.toString('latin1')

function matches(name: AlternativeName, constraint: AlternativeName): boolean {
  if (name.kind === 'address') return isInNetwork(name.value, constraint.value)
  const wanted = text(constraint.value)
  const domain = domainOf(name) ?? ''
  if (name.kind !== 'email' || !wanted.includes('@')) return isUnder(domain, wanted)
  const [local, at] = mailbox(text(name.value))
  const [wantedLocal, wantedAt] = mailbox(wanted)
  return local === wantedLocal && at?.toLowerCase() === wantedAt?.toLowerCase()
}

/** The domain that a constraint is about; undefined when the name has none. */
function domainOf({ kind, value }: AlternativeName): string | undefined {
  if (kind === 'host') return text(value) || undefined
  if (kind === 'email') return mailbox(text(value))[1] || undefined
  if (kind === 'address') return value.length === 4 || value.length === 16 ? '' : undefined
  const url = URL.canParse(text(value)) ? new URL(text(value)) : undefined
  return url?.hostname === undefined || /^$|^\[|^[0-9.]+$/.test(url.hostname) ? undefined : url.hostname
}

function mailbox(address: string): readonly [string?, string?] {
  const at = address.lastIndexOf('@')
  return at <= 0 ? [] : [address.slice(0, at), address.slice(at + 1)]
}

/** A domain or one below it; only below where the constraint begins with a dot. */
function isUnder(domain: string, constraint: string): boolean {
  const [name, wanted] = [domain.toLowerCase(), constraint.toLowerCase()]
  if (wanted === '') return true
  return wanted.startsWith('.')
    ? name.endsWith(wanted) && name !== wanted
    : name === wanted || name.endsWith(`.${wanted}`)
}

/** A star stands for hosts that a constraint may be about. */
function mayStandFor({ kind, value }: AlternativeName, constraint: AlternativeName): boolean {
  const [star, suffix] = [text(value).slice(0, 2), text(value).slice(1)]
  return kind === 'host' && star === '*.' && isUnder(text(constraint.value), suffix)
}

/** A constraint is an address followed by a mask of the same length. */
function isInNetwork(address: Buffer, constraint: Buffer): boolean {
  const half = constraint.length / 2
  const masked = (byte: number | undefined, at: number): number => (byte ?? 0) & (constraint[half + at] ?? 0)
  return half === address.length && address.every((byte, at) => masked(byte, at) === masked(constraint[at], at))
}
