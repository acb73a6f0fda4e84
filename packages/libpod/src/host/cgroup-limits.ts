import type { LinuxBlockIO, LinuxResources, Throttle } from '@libpod/runtime-tools'

/** A limit as a control group takes it: the first of the files that is there gets the value. */
export interface LimitFile {
  readonly controller: string
  readonly names: readonly string[]
  readonly value: string
}

type Value = string | number | undefined

const file = (controller: string, names: string | readonly string[], value: Value): readonly LimitFile[] =>
  value === undefined
    ? []
    : [{ controller, names: [names].flat().map(name => `${controller}.${name}`), value: String(value) }]

/** Limits as files of cgroup v1's hierarchies (kernel documentation, admin-guide/cgroup-v1), in the order in which they fit. Pure. */
export function limitFilesV1({ memory = {}, cpu = {}, pids, blockIO = {} }: LinuxResources): readonly LimitFile[] {
  return [
    ...file('memory', 'limit_in_bytes', memory.limit),
    ...file('memory', 'memsw.limit_in_bytes', memory.swap),
    ...file('memory', 'soft_limit_in_bytes', memory.reservation),
    ...file('memory', 'swappiness', memory.swappiness),
    ...file('cpu', 'shares', cpu.shares),
    ...file('cpu', 'cfs_period_us', cpu.period),
    ...file('cpu', 'cfs_quota_us', cpu.quota),
    ...file('cpuset', 'cpus', cpu.cpus),
    ...file('cpuset', 'mems', cpu.mems),
    ...file('pids', 'max', unlimited(pids?.limit)),
    ...file('blkio', ['weight', 'bfq.weight'], blockIO.weight),
    ...throttles(blockIO).flatMap(([name, devices]) =>
      devices.flatMap(({ major, minor, rate }) => file('blkio', `throttle.${name.v1}`, `${major}:${minor} ${rate}`)),
    ),
  ]
}

/** The same for the one hierarchy of v2 (admin-guide/cgroup-v2). Pure. */
export function limitFilesV2(resources: LinuxResources): readonly LimitFile[] {
  const { memory = {}, cpu = {}, pids, blockIO = {}, unified = {} } = resources
  return [
    ...file('memory', 'max', unlimited(memory.limit)),
    ...file('memory', 'swap.max', swapOnly(memory)),
    ...file('memory', 'low', memory.reservation),
    ...file('cpu', 'weight', cpu.shares === undefined ? undefined : weightOf(cpu.shares)),
    ...file('cpu', 'max', bandwidth(cpu)),
    ...file('cpuset', 'cpus', cpu.cpus),
    ...file('cpuset', 'mems', cpu.mems),
    ...file('pids', 'max', unlimited(pids?.limit)),
    ...file('io', ['bfq.weight', 'weight'], blockIO.weight === undefined ? undefined : `default ${blockIO.weight}`),
    ...throttles(blockIO).flatMap(([name, devices]) =>
      devices.flatMap(({ major, minor, rate }) => file('io', 'max', `${major}:${minor} ${name.v2}=${rate}`)),
    ),
    ...Object.entries(unified).map(([name, value]) => ({
      controller: name.split('.', 1)[0] ?? '',
      names: [name],
      value,
    })),
  ]
}

const unlimited = (limit: number | undefined): Value => (limit !== undefined && limit < 0 ? 'max' : limit)

/** v1 counts memory and swap together, v2 swap alone. */
function swapOnly({ limit, swap }: NonNullable<LinuxResources['memory']>): Value {
  if (swap === undefined || swap < 0) return unlimited(swap)
  return Math.max(0, swap - (limit ?? 0))
}

/** 2…262144 shares become 1…10000, as the runtimes convert them. */
const weightOf = (shares: number): number => (shares === 0 ? 100 : 1 + Math.floor(((shares - 2) * 9999) / 262142))

function bandwidth({ quota, period }: NonNullable<LinuxResources['cpu']>): Value {
  if (quota === undefined && period === undefined) return undefined
  return `${quota === undefined || quota <= 0 ? 'max' : quota} ${period ?? 100_000}`
}

interface ThrottleName {
  readonly v1: string
  readonly v2: string
}

const throttles = (blockIO: LinuxBlockIO): readonly (readonly [ThrottleName, readonly Throttle[]])[] => [
  [{ v1: 'read_bps_device', v2: 'rbps' }, blockIO.throttleReadBpsDevice ?? []],
  [{ v1: 'write_bps_device', v2: 'wbps' }, blockIO.throttleWriteBpsDevice ?? []],
  [{ v1: 'read_iops_device', v2: 'riops' }, blockIO.throttleReadIOPSDevice ?? []],
  [{ v1: 'write_iops_device', v2: 'wiops' }, blockIO.throttleWriteIOPSDevice ?? []],
]
