import { LibpodError } from '../errors.ts'
import { isIP } from './ip.ts'

/** A line of a hosts file. */
export interface HostEntry {
  readonly ip: string
  readonly names: readonly string[]
}

export interface HostsFile {
  /** Text of the file to begin with (the host's, the image's, or nothing). */
  readonly base?: string
  /** `name[;name]:ip` of `--add-host`; `host-gateway` for the host's own address. */
  readonly added?: readonly string[]
  /** The container's own addresses with its hostname and names. */
  readonly own?: readonly HostEntry[]
  /** What `host.containers.internal` means; absent: no such line. */
  readonly hostGateway?: string
}

/** The text of /etc/hosts (hosts(5)). What the user or the base file names is not named again. @throws LibpodError SPEC_INVALID */
export function hostsText({ base = '', added = [], own = [], hostGateway }: HostsFile): string {
  const given = [...added.map(text => parseAdded(text, hostGateway)), ...parseHosts(base)]
  const known = new Set(given.flatMap(({ names }) => names))
  const usual: readonly HostEntry[] = [
    { ip: '127.0.0.1', names: ['localhost'] },
    { ip: '::1', names: ['localhost'] },
    ...(hostGateway === undefined
      ? []
      : [{ ip: hostGateway, names: ['host.containers.internal', 'host.docker.internal'] }]),
    ...own,
  ]
  const missing = usual.map(entry => ({ ...entry, names: entry.names.filter(name => !known.has(name)) }))
  const lines = [...given, ...missing.filter(({ names }) => names.length > 0)]
  return lines.map(({ ip, names }) => `${ip}\t${names.join(' ')}\n`).join('')
}

/** Lines with an address and names; comments and everything else is dropped. */
export function parseHosts(text: string): readonly HostEntry[] {
  return text.split('\n').flatMap(line => {
    const [ip, ...names] = line.replace(/#.*$/, '').trim().split(/\s+/)
    return ip && names.length > 0 ? [{ ip, names }] : []
  })
}

function parseAdded(text: string, hostGateway: string | undefined): HostEntry {
  const at = text.indexOf(':')
  const names = text
    .slice(0, Math.max(at, 0))
    .split(';')
    .filter(name => name !== '')
  const ip = text.slice(at + 1)
  if (at < 0 || ip === '')
    throw new LibpodError('SPEC_INVALID', `unable to parse host entry ${JSON.stringify(text)}: incorrect format`)
  if (names.length === 0)
    throw new LibpodError('SPEC_INVALID', `hostname in host entry ${JSON.stringify(text)} is empty`)
  if (ip !== 'host-gateway') return { ip, names }
  if (hostGateway !== undefined) return { ip: hostGateway, names }
  throw new LibpodError(
    'SPEC_INVALID',
    `unable to replace ${JSON.stringify(ip)} of host entry ${JSON.stringify(text)}: host containers internal IP address is empty`,
  )
}

/** A hosts file with these lines at its end, and all else as it is. */
export const withEntries = (text: string, entries: readonly HostEntry[]): string =>
  [text, ...entries.map(({ ip, names }) => `${ip}\t${names.join(' ')}\n`)].join('')

/** A hosts file without the lines of these addresses. */
export const withoutAddresses = (text: string, ips: ReadonlySet<string>): string =>
  text
    .split('\n')
    .filter(line => !ips.has(line.trim().split(/\s+/)[0] ?? ''))
    .join('\n')

export interface ResolvConf {
  /** Text of the host's file. */
  readonly host?: string
  readonly servers?: readonly string[]
  readonly search?: readonly string[]
  readonly options?: readonly string[]
  /** What the networks brought: used where the user gave none. */
  readonly networkServers?: readonly string[]
  readonly networkSearch?: readonly string[]
  /** Servers that pass questions on: before those of the host. */
  readonly forwarders?: readonly string[]
  /** `drop` where the container has a network of its own, in which the host's loopback servers cannot be reached. */
  readonly loopback: 'keep' | 'drop'
}

const publicServers = ['8.8.8.8', '8.8.4.4']

/** The text of /etc/resolv.conf (resolv.conf(5)). */
export function resolvConfText(file: ResolvConf): string {
  const host = parseResolvConf(file.host ?? '')
  const search = file.search?.length ? file.search : [...new Set([...(file.networkSearch ?? []), ...host.search])]
  const options = file.options?.length ? file.options : host.options
  const lines = [
    ...(search.length > 0 && !search.includes('.') ? [`search ${search.join(' ')}`] : []),
    ...chooseServers(file, host.servers).map(server => `nameserver ${server}`),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ]
  return lines.map(line => `${line}\n`).join('')
}

function chooseServers(file: ResolvConf, host: readonly string[]): readonly string[] {
  if (file.servers?.length) return file.servers
  if (file.networkServers?.length) return file.networkServers
  const usable = file.loopback === 'keep' ? host : host.filter(server => !isLoopback(server))
  if (file.forwarders?.length) return [...file.forwarders, ...usable]
  return usable.length > 0 || file.loopback === 'keep' ? usable : publicServers
}

const isLoopback = (server: string): boolean => server.startsWith('127.') || server === '::1'

interface ResolvConfParts {
  readonly servers: readonly string[]
  readonly search: readonly string[]
  readonly options: readonly string[]
}

/** The last `search` or `domain` counts, as for the resolver. */
export function parseResolvConf(text: string): ResolvConfParts {
  const lines = text
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([key = '']) => !/^[#;]/.test(key))
  const valuesOf = (...keys: readonly string[]) =>
    lines.filter(([key = '']) => keys.includes(key)).map(([, ...values]) => values)
  return {
    servers: valuesOf('nameserver').flatMap(([server = '']) => (isIP(server.replace(/%.*$/, '')) ? [server] : [])),
    search: valuesOf('search', 'domain').at(-1) ?? [],
    options: valuesOf('options').flat(),
  }
}

/** A resolv.conf that asks these servers first. */
export function withServers(text: string, servers: readonly string[]): string {
  const lines = withoutServers(text, servers).split('\n')
  const first = lines.findIndex(line => serverOf(line) !== undefined)
  const added = servers.map(server => `nameserver ${server}`)
  return lines.toSpliced(first < 0 ? lines.length - 1 : first, 0, ...added).join('\n')
}

/** A resolv.conf that asks these servers no more. */
export const withoutServers = (text: string, servers: readonly string[]): string =>
  text
    .split('\n')
    .filter(line => !servers.includes(serverOf(line) ?? ''))
    .join('\n')

const serverOf = (line: string): string | undefined => /^\s*nameserver\s+(\S+)/.exec(line)?.[1]

/** The file to read the host's resolvers from: systemd-resolved's stub names only itself. */
export const resolvConfSource = (text: string): string =>
  parseResolvConf(text).servers.join() === '127.0.0.53' ? '/run/systemd/resolve/resolv.conf' : '/etc/resolv.conf'

/** The text of /etc/hostname. */
export const hostnameText = (hostname: string): string => `${hostname}\n`

/** The host as seen from the first network with a gateway: what `host.containers.internal` means on a bridge. */
export function hostAddress(
  status: Readonly<
    Record<
      string,
      { readonly interfaces: Readonly<Record<string, { readonly subnets: readonly { readonly gateway?: string }[] }>> }
    >
  >,
): string | undefined {
  const gateways = Object.values(status)
    .flatMap(({ interfaces }) => Object.values(interfaces))
    .flatMap(({ subnets }) => subnets.flatMap(({ gateway }) => (gateway === undefined ? [] : [gateway])))
  return gateways.find(gateway => isIP(gateway) === 4) ?? gateways[0]
}

/** The container's own lines: its address on every network with its hostname, name and short id. */
export function ownEntries(
  status: Readonly<
    Record<
      string,
      { readonly interfaces: Readonly<Record<string, { readonly subnets: readonly { readonly ipnet: string }[] }>> }
    >
  >,
  names: readonly string[],
): readonly HostEntry[] {
  const addresses = Object.values(status)
    .flatMap(({ interfaces }) => Object.values(interfaces))
    .flatMap(({ subnets }) => subnets.map(({ ipnet }) => ipnet.replace(/\/.*$/, '')))
  return addresses.map(ip => ({ ip, names }))
}
