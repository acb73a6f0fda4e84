import type { NetworkMode, NetworkSpec, PortMapping } from '../spec/network.ts'
import type { PodSpec } from '../spec/pod.ts'
import type { SecuritySpec, UserNamespaceMode } from '../spec/security.ts'
import type { KubePlayOptions } from './kube.ts'
import type { KubePodSpec } from './objects.ts'
import { invalid } from './read.ts'
import type { Workload } from './workload.ts'

/** Every pod that chooses no other network is in it, and reaches the others. */
export const defaultNetwork = 'podman-default-kube-network'

export interface PodOptions extends KubePlayOptions {
  readonly staticIp?: string
  readonly staticMac?: string
}

const own = 'io.podman.annotations'

const policies = { Always: 'always', OnFailure: 'on-failure', Never: 'no' } as const

/** One pass from a pod of a document to the engine's spec. @throws LibpodError KUBE_INVALID */
export function podSpec(workload: Workload, options: PodOptions): PodSpec {
  const { name, spec, metadata } = workload
  const annotations = { ...metadata.annotations, ...options.annotations }
  const infraName = annotations[`${own}.infra.name`]
  const share = ['net', 'ipc', 'uts'] as const
  return {
    name,
    share: spec.shareProcessNamespace || spec.hostPID ? [...share, 'pid'] : share,
    ...(spec.hostname !== undefined && !spec.hostNetwork && { hostname: spec.hostname }),
    ...(metadata.labels && { labels: metadata.labels }),
    ...(infraName !== undefined && { infraName }),
    infraSdnotify: 'ignore',
    network: networkOf(spec, options),
    security: securityOf(spec, options.userNamespace ?? usersOf(workload, annotations)),
    restart: { name: policies[spec.restartPolicy ?? 'Always'] },
    exitPolicy: 'stop',
    onNameConflict: 'refuse',
    ...(options.createCommand && { createCommand: options.createCommand }),
  }
}

function networkOf(spec: KubePodSpec, options: PodOptions): NetworkSpec {
  const hosts = (spec.hostAliases ?? []).map(({ ip = '', hostnames = [] }) => `${hostnames.join(';')}:${ip}`)
  if (hosts.length > 0 && options.hostsFile === 'leave')
    throw invalid('spec.hostAliases', 'HostAliases in yaml file will not work with --no-hosts')
  const mode = modeOf(spec, options)
  const ports = mode.kind === 'host' ? [] : portsOf(spec, options)
  const dns = dnsOf(spec)
  return {
    mode: mode.kind === 'bridge' ? known(mode, spec) : mode,
    ...(ports.length > 0 && { ports }),
    ...(hosts.length > 0 && { hosts }),
    ...(dns && { dns }),
    ...(options.hostsFile && { hostsFile: options.hostsFile }),
    ...(options.hostnameFile && { hostnameFile: options.hostnameFile }),
  }
}

/** In its networks a pod goes by the names of its containers as well. */
function known(
  { kind, networks }: Extract<NetworkMode, { kind: 'bridge' }>,
  { containers = [] }: KubePodSpec,
): NetworkMode {
  const names = containers.flatMap(({ name }) => (name ? [name] : []))
  if (names.length === 0) return { kind, networks }
  return { kind, networks: networks.map(each => ({ ...each, aliases: [...(each.aliases ?? []), ...names] })) }
}

function modeOf({ hostNetwork }: KubePodSpec, { network, staticIp, staticMac }: PodOptions): NetworkMode {
  const usual: NetworkMode = hostNetwork ? { kind: 'host' } : { kind: 'bridge', networks: [{ name: defaultNetwork }] }
  const mode = network ?? usual
  if (staticIp === undefined && staticMac === undefined) return mode
  if (mode.kind !== 'bridge')
    throw invalid('static ip and mac addresses', 'can only be set when the network mode is bridge')
  const [first, ...more] = mode.networks
  if (!first || more.length > 0)
    throw invalid(
      'static ip and mac addresses',
      'cannot be set for more than one network, use netname:ip=<ip>,mac=<mac>',
    )
  return {
    kind: 'bridge',
    networks: [
      {
        ...first,
        ...(staticIp !== undefined && { staticIps: [...(first.staticIps ?? []), staticIp] }),
        ...(staticMac !== undefined && { staticMac }),
      },
    ],
  }
}

const protocols = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const
const identity = ({ containerPort, protocol }: PortMapping): string => `${containerPort}/${protocol}`

/** What the command line publishes stands instead of what the document says of the same port. */
function portsOf(
  { containers = [] }: KubePodSpec,
  { publish = [], publishAll }: KubePlayOptions,
): readonly PortMapping[] {
  const written = containers.flatMap(({ ports = [], name }) =>
    ports.flatMap(({ containerPort, hostPort, hostIP, protocol = 'TCP' }): PortMapping[] => {
      const inside = containerPort ?? hostPort
      if (!inside || inside < 1 || inside > 65535)
        throw invalid(
          `container ${name ?? ''}: ports`,
          `containerPort must be between 1 and 65535, not ${inside ?? 'absent'}`,
        )
      const outside = hostPort || (publishAll === 'yes' ? inside : undefined)
      if (outside === undefined) return []
      const ip = hostIP ? { hostIp: hostIP } : {}
      return [{ ...ip, hostPort: outside, containerPort: inside, protocol: protocols[protocol] }]
    }),
  )
  const asked = new Set(publish.map(identity))
  return [...written.filter(port => !asked.has(identity(port))), ...publish]
}

function dnsOf({ dnsConfig }: KubePodSpec): NetworkSpec['dns'] {
  if (!dnsConfig) return undefined
  const { nameservers = [], searches = [], options = [] } = dnsConfig
  const words = options.map(({ name = '', value }) => (value === undefined ? name : `${name}:${value}`))
  return { servers: nameservers, search: searches, options: words }
}

function securityOf(spec: KubePodSpec, user: UserNamespaceMode | undefined): SecuritySpec {
  const sysctls = spec.securityContext?.sysctls ?? []
  const host = { kind: 'host' } as const
  return {
    namespaces: {
      ...(spec.hostPID && { pid: host }),
      ...(spec.hostIPC && { ipc: host }),
      ...(spec.hostNetwork && { uts: host }),
      ...(user && { user }),
    },
    ...(sysctls.length > 0 && {
      sysctl: Object.fromEntries(sysctls.map(({ name = '', value = '' }) => [name, value])),
    }),
  }
}

function usersOf(
  { name, spec }: Workload,
  annotations: Readonly<Record<string, string>>,
): UserNamespaceMode | undefined {
  const text = annotations[`${own}.userns`] ?? annotations[`${own}.userns/${name}`]
  if (text === undefined) return spec.hostUsers === false ? { kind: 'auto' } : undefined
  if (text === 'private') return { kind: 'auto' }
  if (text === 'host' || text === 'nomap') return { kind: text }
  const [kind, options = ''] = text.split(/:(.*)/s, 2)
  if (kind === 'keep-id') return { kind, ...numbersOf(options, ['uid', 'gid', 'size']) }
  if (kind === 'auto') return { kind, ...numbersOf(options, ['size']) }
  throw invalid(
    `${own}.userns`,
    `${JSON.stringify(text)} is not supported: choose host, private, keep-id, auto or nomap`,
  )
}

/** `uid=5,gid=6`. @throws LibpodError KUBE_INVALID */
function numbersOf<K extends string>(text: string, keys: readonly K[]): Partial<Record<K, number>> {
  const numbers: Partial<Record<K, number>> = {}
  for (const option of text.split(',').filter(Boolean)) {
    const [, name, value] = /^(\w+)=(\d+)$/.exec(option) ?? []
    const key = keys.find(one => one === name)
    if (key === undefined) throw invalid(`${own}.userns`, `unknown option ${JSON.stringify(option)}`)
    numbers[key] = Number(value)
  }
  return numbers
}
