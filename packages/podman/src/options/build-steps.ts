import type { BuildSteps } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { bool, choice, int, list, string, strings, uint } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { yesNo } from '../cli/values.ts'
import { optionGroup } from './group.ts'
import { someOf } from './process.ts'
import { parseSize } from './size.ts'

/** How `RUN` steps are executed. */
export const buildSteps = optionGroup({
  flags: {
    'add-host': strings('add a custom host-to-IP mapping (`host:ip`)'),
    'cap-add': strings('add the specified capability when running'),
    'cap-drop': strings('drop the specified capability when running'),
    'cgroup-parent': string('optional parent cgroup for the container'),
    cgroupns: string("'private', or 'host'"),
    'compat-volumes': choice('preserve the contents of VOLUMEs during RUN instructions'),
    'cpu-period': uint('limit the CPU CFS (Completely Fair Scheduler) period'),
    'cpu-quota': int('limit the CPU CFS (Completely Fair Scheduler) quota'),
    'cpu-shares': uint('CPU shares (relative weight)', { short: 'c' }),
    'cpuset-cpus': string('CPUs in which to allow execution (0-3, 0,1)'),
    'cpuset-mems': string(
      'memory nodes (MEMs) in which to allow execution (0-3, 0,1). Only effective on NUMA systems.',
    ),
    device: list('additional devices to provide'),
    dns: strings("set custom DNS servers or disable it completely by setting it to 'none'"),
    'dns-option': strings('set custom DNS options'),
    'dns-search': strings('set custom DNS search domains'),
    'group-add': strings('add additional groups to the primary container process'),
    'hooks-dir': list('set the OCI hooks directory path (may be set multiple times)'),
    'http-proxy': choice('pass through HTTP Proxy environment variables', { shown: 'true' }),
    ipc: string("'private', `path` of IPC namespace to join, or 'host'"),
    isolation: string('`type` of process isolation to use. Use BUILDAH_ISOLATION environment variable to override.', {
      shown: '"oci"',
    }),
    memory: string('memory limit (format: <number>[<unit>], where unit = b, k, m or g)', { short: 'm' }),
    'memory-swap': string("swap limit equal to memory plus swap: '-1' to enable unlimited swap"),
    network: string("'private', 'none', 'ns:path' of network namespace to join, or 'host'"),
    'no-hostname': choice(
      'do not create new /etc/hostname file for RUN instructions, use the one from the base image.',
    ),
    'no-hosts': choice('do not create new /etc/hosts file for RUN instructions, use the one from the base image.'),
    pid: string("private, `path` of PID namespace to join, or 'host'"),
    'security-opt': list('security options'),
    'shm-size': string("size of '/dev/shm'. The format is `<number><unit>`.", { shown: '"65536k"' }),
    stdin: bool('pass stdin into containers'),
    ulimit: strings('ulimit options'),
    userns: string("'container', `path` of user namespace to join, or 'host'"),
    'userns-gid-map': strings('`containerGID:hostGID:length` GID mapping to use in user namespace'),
    'userns-gid-map-group': string('`name` of entries from /etc/subgid to use to set user namespace GID mapping'),
    'userns-uid-map': strings('`containerUID:hostUID:length` UID mapping to use in user namespace'),
    'userns-uid-map-user': string('`name` of entries from /etc/subuid to use to set user namespace UID mapping'),
    uts: string("private, :`path` of UTS namespace to join, or 'host'"),
    volume: list('bind mount a volume into the container', { short: 'v' }),
  },
  toSpec(values): BuildSteps {
    const isolation = values.isolation ? isolationOf(values.isolation) : undefined
    checkNetwork(values, isolation)
    return defined({
      isolation,
      network: values.network || undefined,
      ipc: values.ipc || undefined,
      pid: values.pid || undefined,
      uts: values.uts || undefined,
      cgroupNamespace: values.cgroupns || undefined,
      userNamespace: values.userns || undefined,
      uidMap: someOf(values['userns-uid-map']),
      gidMap: someOf(values['userns-gid-map']),
      uidMapUser: values['userns-uid-map-user'] || undefined,
      gidMapGroup: values['userns-gid-map-group'] || undefined,
      groups: someOf(values['group-add']),
      addHosts: someOf(values['add-host']),
      dns: someOf(values.dns),
      dnsOptions: someOf(values['dns-option']),
      dnsSearch: someOf(values['dns-search']),
      noHosts: yesNo(values['no-hosts']),
      noHostname: yesNo(values['no-hostname']),
      httpProxy: yesNo(values['http-proxy']),
      volumes: someOf(values.volume),
      compatVolumes: yesNo(values['compat-volumes']),
      devices: someOf(values.device),
      capAdd: someOf(values['cap-add']),
      capDrop: someOf(values['cap-drop']),
      securityOptions: someOf(values['security-opt']),
      ulimits: someOf(values.ulimit),
      shmSize: values['shm-size'] ? parseSize(values['shm-size']) : undefined,
      memory: values.memory ? parseSize(values.memory) : undefined,
      memorySwap: swapOf(values['memory-swap']),
      cpuShares: values['cpu-shares'],
      cpuPeriod: values['cpu-period'],
      cpuQuota: values['cpu-quota'],
      cpusetCpus: values['cpuset-cpus'] || undefined,
      cpusetMems: values['cpuset-mems'] || undefined,
      cgroupParent: values['cgroup-parent'] || undefined,
      hooksDirs: someOf(values['hooks-dir']),
      stdin: values.stdin ? ('yes' as const) : undefined,
    })
  },
})

function checkNetwork(
  values: Readonly<Record<'dns' | 'dns-option' | 'dns-search', readonly string[]>> & {
    readonly network: string | undefined
  },
  isolation: BuildSteps['isolation'],
): void {
  const { network } = values
  for (const name of ['dns', 'dns-option', 'dns-search'] as const)
    if (network === 'none' && values[name].length > 0)
      throw new UsageError(`the --${name} option cannot be used with --network=none`)
  if (network !== undefined && network !== 'host' && isolation === 'chroot')
    throw new UsageError('cannot set --network other than host with --isolation chroot')
}

function isolationOf(text: string): BuildSteps['isolation'] {
  const found = (['oci', 'rootless', 'chroot'] as const).find(name => name === text.toLowerCase())
  if (found === undefined && text.toLowerCase() !== 'default')
    throw new UsageError(`unrecognized isolation type ${JSON.stringify(text)}`)
  return found
}

function swapOf(text: string | undefined): number | undefined {
  if (!text) return undefined
  return text === '-1' ? -1 : parseSize(text)
}
