import { isIPv4, isIPv6 } from 'node:net'
import { LibpodError } from '../../../errors.ts'

/** podman-run(1), --network slirp4netns. */
export interface SlirpOptions {
  readonly hostLoopback: 'allowed' | 'barred'
  readonly mtu: number
  readonly cidr: string
  readonly ipv6: 'yes' | 'no'
  readonly outbound?: string
  readonly outbound6?: string
}

const defaults: SlirpOptions = { hostLoopback: 'barred', mtu: 65520, cidr: '10.0.2.0/24', ipv6: 'yes' }

type Reader = (value: string) => Partial<SlirpOptions>

const invalid = (message: string) => new LibpodError('SPEC_INVALID', message)

/** An address, or the name of an interface: which of those there are, slirp4netns knows. */
const isInterface = (value: string): boolean => /^(?!-)[^/\s:]{1,15}$/.test(value)

const readers: Readonly<Record<string, Reader>> = {
  cidr: value => {
    const [address = '', length = ''] = value.split('/')
    if (!isIPv4(address) || !/^\d{1,2}$/.test(length) || Number(length) > 32) throw invalid(`invalid cidr "${value}"`)
    return { cidr: value }
  },
  mtu: value => {
    if (!/^\d{2,7}$/.test(value) || Number(value) < 68) throw invalid(`invalid mtu "${value}"`)
    return { mtu: Number(value) }
  },
  allow_host_loopback: value => ({ hostLoopback: truth('allow_host_loopback', value) ? 'allowed' : 'barred' }),
  enable_ipv6: value => ({ ipv6: truth('enable_ipv6', value) ? 'yes' : 'no' }),
  outbound_addr: value => {
    if (!isIPv4(value) && !isInterface(value)) throw invalid(`invalid outbound_addr "${value}"`)
    return { outbound: value }
  },
  outbound_addr6: value => {
    if (!isIPv6(value) && !isInterface(value)) throw invalid(`invalid outbound_addr6: "${value}"`)
    return { outbound6: value }
  },
  // Ports are always forwarded by slirp4netns itself, which keeps the addresses of whoever connects.
  port_handler: value => {
    if (value !== 'slirp4netns' && value !== 'rootlesskit')
      throw invalid(`unknown port_handler for slirp4netns: "${value}"`)
    return {}
  },
}

function truth(name: string, value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true'
  throw invalid(`invalid value of ${name} for slirp4netns: "${value}"`)
}

/** Pure. @throws LibpodError SPEC_INVALID */
export function parseSlirpOptions(texts: readonly string[]): SlirpOptions {
  const options: SlirpOptions = Object.assign({ ...defaults }, ...texts.map(readOption))
  if (options.outbound6 && options.ipv6 === 'no') throw invalid('enable_ipv6=true is required for outbound_addr6')
  return options
}

function readOption(text: string): Partial<SlirpOptions> {
  const [name = '', value] = text.split(/=(.*)/s, 2)
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined
  if (!reader || value === undefined) throw invalid(`unknown option for slirp4netns: "${text}"`)
  return reader(value)
}

export interface SlirpPlaces {
  /** Path of the namespace. */
  readonly netns: string
  readonly apiSocket: string
  /** Whether it ends by itself when nobody holds its lifeline any more. */
  readonly end: 'with lifeline' | 'when told'
}

/** slirp4netns(1): ready on descriptor 3, over when 4 is. Pure. */
export function slirpArguments(options: SlirpOptions, { netns, apiSocket, end }: SlirpPlaces): readonly string[] {
  return [
    ...(options.hostLoopback === 'barred' ? ['--disable-host-loopback'] : []),
    `--mtu=${options.mtu}`,
    ...['--enable-sandbox', '--enable-seccomp', `--cidr=${options.cidr}`],
    ...(options.ipv6 === 'yes' ? ['--enable-ipv6'] : []),
    ...(options.outbound ? [`--outbound-addr=${options.outbound}`] : []),
    ...(options.outbound6 ? [`--outbound-addr6=${options.outbound6}`] : []),
    ...[
      '--configure',
      '--ready-fd=3',
      ...(end === 'with lifeline' ? ['--exit-fd=4'] : []),
      `--api-socket=${apiSocket}`,
    ],
    ...['--netns-type=path', netns, 'tap0'],
  ]
}

/** The addresses that slirp4netns gives out of its range: itself, its name server, the container. Pure. */
export function slirpAddresses({ cidr }: SlirpOptions) {
  const [address = '', length = ''] = cidr.split('/')
  const number = address.split('.').reduce((all, part) => all * 256 + Number(part), 0)
  const size = 2 ** (32 - Number(length))
  const at = (offset: number): string => dotted(Math.floor(number / size) * size + offset)
  return { gateway: at(2), dns: at(3), container: at(100), prefix: Number(length) }
}

const dotted = (number: number): string => [24, 16, 8, 0].map(shift => Math.floor(number / 2 ** shift) % 256).join('.')
