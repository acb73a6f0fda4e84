import { isIP } from 'node:net'
import type { AlternativeName } from './certificate.ts'

/** Whether a certificate's names cover a host, or an address, which may stand in brackets. Its subject is no name. */
export function coversHost(names: readonly AlternativeName[], host: string): boolean {
  const address = /^\[.+\]$/.test(host) ? host.slice(1, -1) : host
  if (isIP(address) !== 0) {
    const wanted = canonical(address)
    return names.some(({ kind, value }) => kind === 'address' && formatAddress(value) === wanted)
  }
  return names.some(({ kind, value }) => kind === 'host' && covers(value.toString('latin1'), host))
}

/** A star is for one whole label, the first, and only where both are names of hosts; others must be equal. */
function covers(pattern: string, host: string): boolean {
  const [wanted, given] = [host.toLowerCase(), pattern.toLowerCase()]
  if (!isHostName(wanted.replace(/\.$/, '')) || !isHostName(given.replace(/^\*\.(?=.)/, '')))
    return wanted !== '' && wanted !== '.' && wanted === given
  const labels = wanted.replace(/\.$/, '').split('.')
  const parts = given.split('.')
  return parts.length === labels.length && parts.every((part, at) => (at === 0 && part === '*') || part === labels[at])
}

const isHostName = (name: string): boolean => name.split('.').every(label => /^[a-z0-9_][a-z0-9_-]*$/.test(label))

function formatAddress(bytes: Buffer): string | undefined {
  if (bytes.length === 4) return bytes.join('.')
  return bytes.length === 16 ? canonical((bytes.toString('hex').match(/.{4}/g) ?? []).join(':')) : undefined
}

const canonical = (address: string): string =>
  isIP(address) === 6 ? new URL(`http://[${address.replace(/%.*/, '')}]`).hostname : address
