import { isIP } from './ip.ts'

/** An IP address as a number, with its family. */
export interface Address {
  readonly family: 4 | 6
  readonly value: bigint
}

/** A subnet: its first address and the number of leading bits that are fixed. */
export interface Subnet {
  readonly family: 4 | 6
  readonly base: bigint
  readonly prefix: number
}

const bitsOf = (family: 4 | 6): number => (family === 4 ? 32 : 128)

/** Undefined when it is no address. */
export function parseAddress(text: string): Address | undefined {
  const family = isIP(text)
  if (family === 4) return { family, value: text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n) }
  if (family !== 6 || text.includes('%')) return undefined
  const mapped = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const plain = mapped ? `${mapped[1]}${tailOf(mapped[2] ?? '')}` : text
  return { family: 6, value: parseGroups(plain) }
}

function tailOf(dotted: string): string {
  const value = dotted.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  return `${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`
}

function parseGroups(text: string): bigint {
  const [head = '', tail] = text.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : 8 - left.length - right.length
  const groups = [...left, ...Array<string>(missing).fill('0'), ...right]
  return groups.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group || '0'}`), 0n)
}

/** As Go prints it: IPv6 compressed, in lower case. */
export function formatAddress({ family, value }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map(shift => (value >> shift) & 255n).join('.')
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16))
  const runs = [...groups.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].map(match => match[0])
  const longest = runs.sort((one, other) => other.length - one.length)[0]
  return longest === undefined ? groups.join(':') : compress(groups.join(':'), longest)
}

const compress = (text: string, run: string): string => {
  const at = text.indexOf(run)
  return `${text.slice(0, at)}::${text.slice(at + run.length).replace(/^:/, '')}`
}

/** `10.0.0.5/8` is the subnet 10.0.0.0/8. Undefined when it is none. */
export function parseSubnet(text: string): Subnet | undefined {
  const match = /^(.+)\/(\d{1,3})$/.exec(text)
  const address = match && parseAddress(match[1] ?? '')
  const prefix = Number(match?.[2])
  if (!address || prefix > bitsOf(address.family)) return undefined
  const free = BigInt(bitsOf(address.family) - prefix)
  return { family: address.family, base: (address.value >> free) << free, prefix }
}

export const formatSubnet = ({ family, base, prefix }: Subnet): string =>
  `${formatAddress({ family, value: base })}/${prefix}`

const sizeOf = ({ family, prefix }: Subnet): bigint => 1n << BigInt(bitsOf(family) - prefix)

export const lastAddress = (subnet: Subnet): Address => ({
  family: subnet.family,
  value: subnet.base + sizeOf(subnet) - 1n,
})

/** The first usable one: what a gateway gets. */
export const firstAddress = ({ family, base }: Subnet): Address => ({ family, value: base + 1n })

export const contains = (subnet: Subnet, { family, value }: Address): boolean =>
  family === subnet.family && value >= subnet.base && value < subnet.base + sizeOf(subnet)

export const overlaps = (one: Subnet, other: Subnet): boolean =>
  one.family === other.family && one.base < other.base + sizeOf(other) && other.base < one.base + sizeOf(one)

/** Where new networks are taken from: subnets of `size` leading bits within `base`. */
export interface SubnetPool {
  readonly base: string
  readonly size: number
}

/** The first subnet of the pools that meets none of `used`; undefined when they are exhausted. */
export function freeSubnet(pools: readonly SubnetPool[], used: readonly Subnet[]): Subnet | undefined {
  for (const pool of pools) {
    const whole = parseSubnet(pool.base)
    if (!whole) continue
    const step = sizeOf({ ...whole, prefix: pool.size })
    for (let base = whole.base; base < whole.base + sizeOf(whole); ) {
      const candidate: Subnet = { family: whole.family, base, prefix: pool.size }
      const clash = used.find(each => overlaps(each, candidate))
      if (!clash) return candidate
      const after = lastAddress(clash).value + 1n
      base = after <= base ? base + step : ((after + step - 1n) / step) * step
    }
  }
  return undefined
}

/** A random unique local subnet of 64 bits (RFC 4193). */
export function randomLocalSubnet(random: Uint8Array): Subnet {
  const bytes = random.subarray(0, 7)
  const value = bytes.reduce((sum, byte) => (sum << 8n) + BigInt(byte), 0n)
  return { family: 6, base: ((0xfdn << 56n) | value) << 64n, prefix: 64 }
}
