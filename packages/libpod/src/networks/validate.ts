import { LibpodError } from '../errors.ts'
import {
  contains,
  firstAddress,
  formatAddress,
  formatSubnet,
  lastAddress,
  overlaps,
  parseAddress,
  parseSubnet,
  type Subnet,
} from './addresses.ts'
import type { NetworkCreateSpec, NetworkRecord } from './networks.ts'

type SubnetRecord = NetworkRecord['subnets'][number]
type SubnetRequest = NonNullable<NetworkCreateSpec['subnets']>[number]

export const invalid = (message: string): LibpodError => new LibpodError('SPEC_INVALID', message)

/** Words of `--network` that stand for something else than a network of this name. */
const modeNames = ['none', 'host', 'bridge', 'private', 'slirp4netns', 'pasta', 'container', 'ns', 'default']

/** @throws LibpodError NAME_INVALID */
export function checkName(name: string): void {
  if (modeNames.includes(name)) {
    const text = `cannot create network with name ${JSON.stringify(name)} because it conflicts with a valid network mode`
    throw new LibpodError('NAME_INVALID', text, { subject: name })
  }
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) return
  const text = `network name ${name} invalid: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`
  throw new LibpodError('NAME_INVALID', text, { subject: name })
}

/** @throws LibpodError SPEC_INVALID */
export function readSubnet(
  { subnet: text, gateway, range }: SubnetRequest,
  options: { readonly internal: 'yes' | 'no'; readonly used: readonly Subnet[] },
): SubnetRecord {
  const subnet = parseSubnet(text)
  if (!subnet) throw invalid(`invalid CIDR address: ${text}`)
  if (options.used.some(each => overlaps(each, subnet))) {
    throw invalid(`subnet ${formatSubnet(subnet)} is already used on the host or by another config`)
  }
  const usual = options.internal === 'yes' ? undefined : formatAddress(firstAddress(subnet))
  const chosen = gateway === undefined ? usual : inside(gateway, subnet, 'gateway')
  return {
    subnet: formatSubnet(subnet),
    ...(chosen !== undefined && { gateway: chosen }),
    ...(range !== undefined && { leaseRange: readRange(range, subnet) }),
  }
}

function inside(text: string, subnet: Subnet, what: string): string {
  const address = parseAddress(text)
  if (!address) throw invalid(`failed to parse ${what} ip ${text}`)
  if (!contains(subnet, address)) throw invalid(`${what} ${text} not in subnet ${formatSubnet(subnet)}`)
  return formatAddress(address)
}

/** `10.0.0.0/28` or `10.0.0.5-10.0.0.9`. */
function readRange(text: string, subnet: Subnet): { readonly start: string; readonly end: string } {
  const [first, last] = text.split('-')
  if (last !== undefined) {
    return {
      start: inside(first ?? '', subnet, 'lease range start ip'),
      end: inside(last, subnet, 'lease range end ip'),
    }
  }
  const part = parseSubnet(text)
  if (!part)
    throw invalid(`invalid ip-range ${JSON.stringify(text)}: it is neither a CIDR address nor <startIP>-<endIP>`)
  const start = inside(formatAddress(firstAddress(part)), subnet, 'lease range start ip')
  return { start, end: inside(formatAddress(lastAddress(part)), subnet, 'lease range end ip') }
}

const modes: Readonly<Record<string, readonly string[]>> = {
  macvlan: ['bridge', 'private', 'vepa', 'passthru'],
  ipvlan: ['l2', 'l3', 'l3s'],
}

/** The options a CNI network may have; the bridge's name option is not among those kept. @throws LibpodError SPEC_INVALID */
export function checkOptions(options: Readonly<Record<string, string>>, driver: string): void {
  for (const [key, value] of Object.entries(options)) {
    if (key === 'mtu') checkNumber(value, { least: 1, most: 65535, text: `mtu ${value} is less than zero` })
    else if (key === 'vlan')
      checkNumber(value, { least: 0, most: 4094, text: `vlan ID ${value} must be between 0 and 4094` })
    else if (key === 'mode') checkMode(value, driver)
    else if (key === 'isolate') checkIsolate(value, driver)
    else throw invalid(`unsupported network option ${key}`)
  }
}

function checkNumber(
  value: string,
  { least, most, text }: { readonly least: number; readonly most: number; readonly text: string },
): void {
  if (!/^-?\d+$/.test(value)) throw invalid(`strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`)
  if (Number(value) < least || Number(value) > most) throw invalid(text)
}

function checkMode(value: string, driver: string): void {
  const known = Object.hasOwn(modes, driver) ? modes[driver] : undefined
  if (!known) throw invalid(`cannot set option "mode" with driver ${JSON.stringify(driver)}`)
  if (!known.includes(value)) throw invalid(`unknown ${driver} mode ${JSON.stringify(value)}`)
}

function checkIsolate(value: string, driver: string): void {
  if (driver !== 'bridge') throw invalid('isolate option is only supported with the bridge driver')
  if (!/^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(value)) {
    throw invalid(`failed to parse isolate option: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`)
  }
}

/** Which ipam driver a network gets. @throws LibpodError SPEC_INVALID */
export function chooseIpam(driver: string, asked: string, subnets: number): string {
  if (!['', 'host-local', 'dhcp', 'none'].includes(asked))
    throw invalid(`unsupported ipam driver ${JSON.stringify(asked)}`)
  if ((asked === 'dhcp' || asked === 'none') && subnets > 0)
    throw invalid(`${asked} ipam driver is set but subnets are given`)
  if (driver !== 'bridge' && asked === 'host-local' && subnets === 0)
    throw invalid('host-local ipam driver set but no subnets are given')
  if (asked !== '') return asked
  return driver === 'bridge' || subnets > 0 ? 'host-local' : 'dhcp'
}
