import type { ContainerSpec } from '../../spec/container.ts'
import type { HealthSpec } from '../../spec/health.ts'
import type { PortMapping } from '../../spec/network.ts'
import type { KubeContainer } from '../objects.ts'
import { formatBytes } from '../quantity.ts'
import type { Mounted } from './volumes.ts'

/** A container as far as a document tells of it. */
export interface Described {
  readonly name: string
  readonly spec: ContainerSpec
  readonly image: string
  /** Whether its image names a program that arguments are given to. */
  readonly imageEntrypoint: 'yes' | 'no'
  /** With the ports of the host that were chosen. */
  readonly ports: readonly PortMapping[]
}

/** Underscores are no part of a name in Kubernetes. */
export const plainName = (name: string): string => name.replaceAll('_', '')

/** The other way round of `containerSpec`. */
export function kubeContainer(described: Described, mounted: readonly Mounted[]): KubeContainer {
  const { name, spec, image, ports } = described
  const { process = {}, health } = spec
  const env = Object.entries(process.env ?? {}).map(([key, value]) => ({ name: key, value }))
  const security = securityOf(spec)
  const resources = resourcesOf(spec)
  const volumeMounts = mounted.map(({ mount }) => mount)
  const probe = health && probeOf(health)
  return {
    ...programOf(described),
    ...(env.length > 0 && { env }),
    image,
    ...(probe && { livenessProbe: probe }),
    name: plainName(name),
    ...(ports.length > 0 && { ports: ports.flatMap(portsOf) }),
    ...(resources && { resources }),
    ...(security && { securityContext: security }),
    ...(process.stdin === 'open' && { stdin: true }),
    ...(process.terminal === 'tty' && { tty: true }),
    ...(volumeMounts.length > 0 && { volumeMounts }),
    ...(process.workdir !== undefined && { workingDir: process.workdir }),
  }
}

function programOf({ spec: { process = {} }, imageEntrypoint }: Described): Pick<KubeContainer, 'command' | 'args'> {
  const { entrypoint, command = [] } = process
  if (entrypoint?.length) return { command: entrypoint, ...(command.length > 0 && { args: command }) }
  if (command.length === 0) return {}
  return imageEntrypoint === 'yes' && entrypoint === undefined ? { args: command } : { command }
}

export function portsOf({ hostIp, hostPort = 0, containerPort, range = 1, protocol }: PortMapping) {
  return Array.from({ length: range }, (_, i) => ({
    containerPort: containerPort + i,
    ...(hostPort > 0 && { hostPort: hostPort + i }),
    ...(hostIp && hostIp !== '0.0.0.0' && { hostIP: hostIp }),
    ...(protocol !== 'tcp' && { protocol: protocol === 'udp' ? ('UDP' as const) : ('SCTP' as const) }),
  }))
}

function resourcesOf({ resources: { memory, cpu } = {} }: ContainerSpec): KubeContainer['resources'] {
  const { quota = 0, period = 100_000 } = cpu ?? {}
  const limits = {
    ...(quota > 0 && { cpu: `${Math.round((quota * 1000) / period)}m` }),
    ...(memory?.limit && { memory: formatBytes(memory.limit) }),
  }
  const requests = memory?.reservation ? { memory: formatBytes(memory.reservation) } : undefined
  if (Object.keys(limits).length === 0 && !requests) return undefined
  return { ...(Object.keys(limits).length > 0 && { limits }), ...(requests && { requests }) }
}

const linuxKeys = ['user', 'role', 'type', 'level', 'filetype'] as const

function securityOf({ security = {}, mounts, process }: ContainerSpec): KubeContainer['securityContext'] {
  const { capabilities, labels = [] } = security
  const [, user, group] = /^(\d+)(?::(\d+))?$/.exec(process?.user ?? '') ?? []
  const linux = linuxKeys.flatMap(key => {
    const label = labels.find(each => each.startsWith(`${key}:`))
    return label === undefined ? [] : [[key, label.slice(key.length + 1)] as const]
  })
  const [add, drop] = [capabilities?.add?.map(fullName) ?? [], capabilities?.drop?.map(fullName) ?? []]
  const readOnly = mounts?.rootfs?.readonly
  const context = {
    ...(security.noNewPrivileges === 'yes' && { allowPrivilegeEscalation: false }),
    ...(add.length + drop.length > 0 && {
      capabilities: { ...(add.length > 0 && { add }), ...(drop.length > 0 && { drop }) },
    }),
    ...(security.privileged === 'yes' && { privileged: true }),
    ...(security.unmask?.some(path => path.toUpperCase() === 'ALL') && { procMount: 'Unmasked' as const }),
    ...(readOnly !== undefined && { readOnlyRootFilesystem: readOnly === 'yes' }),
    ...(group !== undefined && { runAsGroup: Number(group) }),
    ...(user !== undefined && { runAsUser: Number(user) }),
    ...(linux.length > 0 && { seLinuxOptions: Object.fromEntries(linux) }),
    ...(security.seccomp === 'unconfined' && { seccompProfile: { type: 'Unconfined' as const } }),
  }
  return Object.keys(context).length > 0 ? context : undefined
}

const fullName = (name: string): string => (/^(all|cap_)/i.test(name) ? name : `CAP_${name}`).toUpperCase()

const seconds = (nanoseconds: number): number => Math.max(1, Math.round(nanoseconds / 1e9))

function probeOf({ test = [], interval, timeout, startPeriod, retries }: HealthSpec): KubeContainer['livenessProbe'] {
  const [how, ...words] = test
  if (words.length === 0 || (how !== 'CMD' && how !== 'CMD-SHELL')) return undefined
  return {
    exec: { command: how === 'CMD' ? words : ['sh', '-c', words.join(' ')] },
    ...(retries !== undefined && { failureThreshold: retries }),
    ...(startPeriod && { initialDelaySeconds: seconds(startPeriod) }),
    ...(interval && { periodSeconds: seconds(interval) }),
    ...(timeout && { timeoutSeconds: seconds(timeout) }),
  }
}
