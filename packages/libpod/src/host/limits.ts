import { existsSync, readFileSync } from 'node:fs'
import { LibpodError } from '../errors.ts'
import { listedNumbers } from '../plan/number-list.ts'
import type { ResourceSpec } from '../spec/resources.ts'
import type { HostFacts } from './facts.ts'

export interface FittingLimits {
  readonly resources: ResourceSpec
  readonly warnings: readonly string[]
}

type Host = Pick<HostFacts, 'cgroups' | 'uid'>

/**
 * The limits that this host's control groups know, and what is said of the others, which would fail the runtime.
 * @throws LibpodError SPEC_INVALID for limits that no host could keep
 */
export function fitLimits(resources: ResourceSpec, host: Host): FittingLimits {
  if (host.uid !== 0 && host.cgroups !== 'v2') return withoutLimits(resources)
  if (resources.unified && host.cgroups !== 'v2') throw invalid('cannot use --cgroup-conf without cgroup v2')
  const found = host.cgroups === 'v2' ? unknownToV2(resources) : unknownToV1(resources)
  const fitting = found.reduce(without, resources)
  refuseNonsense(fitting)
  return { resources: fitting, warnings: found.map(({ warning }) => warning) }
}

/** Of plain users' the kernel knows none but with v2. */
function withoutLimits({ cgroups, cgroupParent, ...limits }: ResourceSpec): FittingLimits {
  const kept = { ...(cgroups ? { cgroups } : {}), ...(cgroupParent === undefined ? {} : { cgroupParent }) }
  const ignored = 'Resource limits are not supported and ignored on cgroups V1 rootless systems'
  return { resources: kept, warnings: Object.keys(limits).length > 0 ? [ignored] : [] }
}

const invalid = (message: string) => new LibpodError('SPEC_INVALID', message)

function refuseNonsense({ memory = {}, cpu = {}, blockIo = {} }: ResourceSpec): void {
  const { limit, swap, reservation } = memory
  if (limit !== undefined && swap !== undefined && swap >= 0 && swap < limit)
    throw invalid('minimum memoryswap limit should be larger than memory limit, see usage')
  if (limit === undefined && swap !== undefined)
    throw invalid('you should always set a memory limit when using a memoryswap limit, see usage')
  if (limit !== undefined && reservation !== undefined && limit < reservation)
    throw invalid('minimum memory limit cannot be less than memory reservation limit, see usage')
  if (cpu.period !== undefined && (cpu.period < 1000 || cpu.period > 1_000_000))
    throw invalid('CPU cfs period cannot be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)')
  if (cpu.quota !== undefined && cpu.quota > 0 && cpu.quota < 1000)
    throw invalid('CPU cfs quota cannot be less than 1ms (i.e. 1000)')
  if (blockIo.weight !== undefined && (blockIo.weight < 10 || blockIo.weight > 1000))
    throw invalid('range of blkio weight is from 10 to 1000')
  checkSet(cpu.cpus, { what: 'cpus', spoken: 'CPUs', file: '/sys/devices/system/cpu/online' })
  checkSet(cpu.mems, { what: 'mems', spoken: 'memory nodes', file: '/sys/devices/system/node/online' })
}

interface NumberSet {
  readonly what: string
  readonly spoken: string
  readonly file: string
}

function checkSet(text: string | undefined, { what, spoken, file }: NumberSet): void {
  if (text === undefined) return
  const asked = listedNumbers(text)
  if (!asked) throw invalid(`invalid value ${text} for cpuset ${what}`)
  if (!existsSync(file)) return
  const online = readFileSync(file, 'latin1').trim()
  const available = new Set(listedNumbers(online))
  if ([...asked].some(number => !available.has(number)))
    throw invalid(`requested ${spoken} are not available - requested ${text}, available: ${online}`)
}

interface Unknown {
  readonly group: 'memory' | 'cpu' | 'blockIo' | 'pids'
  readonly members: readonly string[]
  readonly warning: string
}

function without(resources: ResourceSpec, { group, members }: Unknown): ResourceSpec {
  const kept = Object.entries(resources[group] ?? {}).filter(([name]) => !members.includes(name))
  const { [group]: _, ...rest } = resources
  return kept.length > 0 ? { ...rest, [group]: Object.fromEntries(kept) } : rest
}

function unknownToV2({ cpu = {} }: ResourceSpec): readonly Unknown[] {
  return [
    ...asked(cpu, 'realtimePeriod').map(members =>
      cpuRow(members, 'Realtime period not supported on cgroups V2 systems'),
    ),
    ...asked(cpu, 'realtimeRuntime').map(members =>
      cpuRow(members, 'Realtime runtime not supported on cgroups V2 systems'),
    ),
  ]
}

const cpuRow = (members: readonly string[], warning: string): Unknown => ({ group: 'cpu', members, warning })

const asked = (group: object, name: string): readonly (readonly string[])[] => {
  const value = (group as Readonly<Record<string, unknown>>)[name]
  return value === undefined || (Array.isArray(value) && value.length === 0) ? [] : [[name]]
}

const kernel = 'Your kernel does not support'
const unmounted = 'or the cgroup is not mounted.'

/** Which file of the v1 hierarchy each limit needs, and Podman's words for its absence. */
const v1: readonly (Unknown & { readonly files: readonly string[] })[] = [
  {
    group: 'memory',
    members: ['limit', 'swap'],
    files: ['memory/memory.limit_in_bytes'],
    warning: `${kernel} memory limit capabilities ${unmounted} Limitation discarded.`,
  },
  {
    group: 'memory',
    members: ['swap'],
    files: ['memory/memory.memsw.limit_in_bytes'],
    warning: `${kernel} swap limit capabilities ${unmounted} Memory limited without swap.`,
  },
  {
    group: 'memory',
    members: ['swappiness'],
    files: ['memory/memory.swappiness'],
    warning: `${kernel} memory swappiness capabilities, ${unmounted} Memory swappiness discarded.`,
  },
  {
    group: 'memory',
    members: ['reservation'],
    files: ['memory/memory.soft_limit_in_bytes'],
    warning: `${kernel} memory soft limit capabilities ${unmounted} Limitation discarded.`,
  },
  {
    group: 'memory',
    members: ['oomKill'],
    files: ['memory/memory.oom_control'],
    warning: `${kernel} OomKillDisable. OomKillDisable discarded.`,
  },
  {
    group: 'pids',
    members: ['limit'],
    files: ['pids'],
    warning: `${kernel} pids limit capabilities ${unmounted} PIDs limit discarded.`,
  },
  {
    group: 'cpu',
    members: ['shares'],
    files: ['cpu/cpu.shares'],
    warning: `${kernel} CPU shares ${unmounted} Shares discarded.`,
  },
  {
    group: 'cpu',
    members: ['period'],
    files: ['cpu/cpu.cfs_period_us'],
    warning: `${kernel} CPU cfs period ${unmounted} Period discarded.`,
  },
  {
    group: 'cpu',
    members: ['quota'],
    files: ['cpu/cpu.cfs_quota_us'],
    warning: `${kernel} CPU cfs quota ${unmounted} Quota discarded.`,
  },
  {
    group: 'cpu',
    members: ['cpus', 'mems'],
    files: ['cpuset/cpuset.cpus'],
    warning: `${kernel} cpuset ${unmounted} CPUset discarded.`,
  },
  {
    group: 'blockIo',
    members: ['weight'],
    files: ['blkio/blkio.weight', 'blkio/blkio.bfq.weight'],
    warning: `${kernel} Block I/O weight ${unmounted} Weight discarded.`,
  },
  {
    group: 'blockIo',
    members: ['weightDevices'],
    files: ['blkio/blkio.weight_device', 'blkio/blkio.bfq.weight_device'],
    warning: `${kernel} Block I/O weight_device ${unmounted} Weight-device discarded.`,
  },
  {
    group: 'blockIo',
    members: ['readBps', 'writeBps', 'readIops', 'writeIops'],
    files: ['blkio/blkio.throttle.read_bps_device'],
    warning: `${kernel} BPS Block I/O read limit ${unmounted} Block I/O BPS read limit discarded`,
  },
]

function unknownToV1(resources: ResourceSpec): readonly Unknown[] {
  const wanted = v1.filter(({ group, members }) => members.some(name => asked(resources[group] ?? {}, name).length > 0))
  return wanted.filter(({ files }) => !files.some(file => existsSync(`/sys/fs/cgroup/${file}`)))
}
