import type { DeviceRate, ResourceSpec } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { bool, type FlagValues, float, int, list, string, strings, uint } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { optionGroup } from './group.ts'
import { parseAssignments } from './pairs.ts'
import { someOf } from './process.ts'
import { parseSize } from './size.ts'

/** Limits that may change while the container lives (`update`). */
const limitFlags = {
  'blkio-weight': string('Block IO weight (relative weight) accepts a weight value between 10 and 1000.'),
  'blkio-weight-device': list('Block IO weight (relative device weight, format: `DEVICE_NAME:WEIGHT`)'),
  'cpu-period': uint('Limit the CPU CFS (Completely Fair Scheduler) period'),
  'cpu-quota': int('Limit the CPU CFS (Completely Fair Scheduler) quota'),
  'cpu-rt-period': uint('Limit the CPU real-time period in microseconds'),
  'cpu-rt-runtime': int('Limit the CPU real-time runtime in microseconds'),
  'cpu-shares': uint('CPU shares (relative weight)', { short: 'c' }),
  cpus: float('Number of CPUs. The default is 0.000 which means no limit'),
  'cpuset-cpus': string('CPUs in which to allow execution (0-3, 0,1)'),
  'cpuset-mems': string('Memory nodes (MEMs) in which to allow execution (0-3, 0,1). Only effective on NUMA systems.'),
  'device-read-bps': strings('Limit read rate (bytes per second) from a device (e.g. --device-read-bps=/dev/sda:1mb)'),
  'device-read-iops': strings('Limit read rate (IO per second) from a device (e.g. --device-read-iops=/dev/sda:1000)'),
  'device-write-bps': strings('Limit write rate (bytes per second) to a device (e.g. --device-write-bps=/dev/sda:1mb)'),
  'device-write-iops': strings('Limit write rate (IO per second) to a device (e.g. --device-write-iops=/dev/sda:1000)'),
  memory: string(
    'Memory limit `<number>[<unit>]`, where unit = b (bytes), k (kibibytes), m (mebibytes), or g (gibibytes)',
    { short: 'm' },
  ),
  'memory-reservation': string('Memory soft limit `<number>[<unit>]`'),
  'memory-swap': string('Swap limit equal to memory plus swap: `<number>[<unit>]`, -1 to enable unlimited swap'),
  'memory-swappiness': int('Tune container memory swappiness (0 to 100, or -1 for system default)', { shown: '-1' }),
  'pids-limit': int('Tune container pids limit (set -1 for unlimited)'),
}

export const limits = optionGroup({ flags: limitFlags, toSpec: limitsOf })

/** Limits and the place of the container's cgroup. */
export const resources = optionGroup({
  flags: {
    ...limitFlags,
    'cgroup-conf': strings('Configure cgroup v2 (key=value)'),
    'cgroup-parent': string('Optional parent cgroup for the container'),
    cgroups: string('control container cgroup configuration ("enabled"|"disabled"|"no-conmon"|"split")', {
      shown: '"enabled"',
    }),
    'kernel-memory': string('Kernel memory limit `<number>[<unit>]`', { hidden: 'yes' }),
    'oom-kill-disable': bool('Disable OOM Killer'),
    'rdt-class': string('Class of Service (COS) that the container should be assigned to'),
  },
  toSpec(values): ResourceSpec {
    const limits = limitsOf(values)
    const memory = { ...limits.memory, ...(values['oom-kill-disable'] ? { oomKill: 'off' as const } : {}) }
    return {
      ...limits,
      ...defined({
        memory: filled(memory),
        unified:
          values['cgroup-conf'].length > 0
            ? parseAssignments(
                values['cgroup-conf'],
                text => `invalid --cgroup-conf ${JSON.stringify(text)}: use KEY=VALUE`,
              )
            : undefined,
        cgroups: values.cgroups === undefined ? undefined : cgroupsMode(values.cgroups),
        cgroupParent: values['cgroup-parent'] || undefined,
        intelRdtClosId: values['rdt-class'] || undefined,
      }),
    }
  },
})

const filled = <T extends object>(part: T): T | undefined => (Object.keys(part).length > 0 ? part : undefined)

function limitsOf(values: FlagValues<typeof limitFlags>): ResourceSpec {
  return defined({
    memory: filled(memoryOf(values)),
    cpu: filled(cpuOf(values)),
    pids: values['pids-limit'] === undefined ? undefined : { limit: values['pids-limit'] },
    blockIo: filled(blockIoOf(values)),
  })
}

function memoryOf(values: FlagValues<typeof limitFlags>): NonNullable<ResourceSpec['memory']> {
  const limit = values.memory ? parseSize(values.memory) : undefined
  const swap =
    values['memory-swap'] === '-1' ? -1 : values['memory-swap'] ? parseSize(values['memory-swap']) : undefined
  const swappiness = values['memory-swappiness']
  if (swappiness !== undefined && (swappiness < -1 || swappiness > 100))
    throw new UsageError(`invalid value: ${swappiness}, valid memory swappiness range is 0-100`)
  return defined({
    limit: limit || undefined,
    reservation: values['memory-reservation'] ? parseSize(values['memory-reservation']) || undefined : undefined,
    swap: swap || undefined,
    swappiness: swappiness === -1 ? undefined : swappiness,
  })
}

function cpuOf(values: FlagValues<typeof limitFlags>): NonNullable<ResourceSpec['cpu']> {
  for (const name of ['cpu-period', 'cpu-quota'] as const)
    if (values.cpus !== undefined && values[name] !== undefined)
      throw new UsageError(`--${name} and --cpus cannot be set together`)
  if (values.cpus !== undefined && values.cpus < 0) throw new UsageError('cpus must be greater than 0')
  const fromCpus = values.cpus ? { period: 100_000, quota: Math.round(values.cpus * 100_000) } : undefined
  return defined({
    shares: values['cpu-shares'] || undefined,
    quota: fromCpus?.quota ?? (values['cpu-quota'] || undefined),
    period: fromCpus?.period ?? (values['cpu-period'] || undefined),
    realtimeRuntime: values['cpu-rt-runtime'] || undefined,
    realtimePeriod: values['cpu-rt-period'] || undefined,
    cpus: values['cpuset-cpus'] || undefined,
    mems: values['cpuset-mems'] || undefined,
  })
}

function blockIoOf(values: FlagValues<typeof limitFlags>): NonNullable<ResourceSpec['blockIo']> {
  return defined({
    weight: values['blkio-weight'] ? weightOf(values['blkio-weight'], 'blkio-weight') : undefined,
    weightDevices: someOf(values['blkio-weight-device'].map(weightDevice)),
    readBps: someOf(values['device-read-bps'].map(text => deviceRate(text, parseSize))),
    writeBps: someOf(values['device-write-bps'].map(text => deviceRate(text, parseSize))),
    readIops: someOf(values['device-read-iops'].map(text => deviceRate(text, parseCount))),
    writeIops: someOf(values['device-write-iops'].map(text => deviceRate(text, parseCount))),
  })
}

function weightOf(text: string, flag: string): number {
  if (!/^\d+$/.test(text))
    throw new UsageError(
      `invalid value for ${flag}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    )
  return Number(text)
}

function weightDevice(text: string): { path: string; weight: number } {
  const [path = '', amount, ...more] = text.split(':')
  if (amount === undefined || more.length > 0) throw new UsageError(`bad format: ${text}`)
  if (!path.startsWith('/dev/')) throw new UsageError(`bad format for device path: ${text}`)
  const weight = weightOf(amount, 'blkio-weight-device')
  if (weight > 0 && (weight < 10 || weight > 1000)) throw new UsageError(`invalid weight for device: ${text}`)
  return { path, weight }
}

function deviceRate(text: string, parseAmount: (text: string) => number): DeviceRate {
  const [path = '', amount, ...more] = text.split(':')
  if (amount === undefined || more.length > 0) throw new UsageError(`bad format: ${text}`)
  if (!path.startsWith('/dev/')) throw new UsageError(`bad format for device path: ${text}`)
  const rate = parseAmount(amount)
  if (rate < 0) throw new UsageError(`invalid rate for device: ${text}`)
  return { path, rate }
}

function parseCount(text: string): number {
  if (!/^\d+$/.test(text))
    throw new UsageError(
      `invalid rate for device: ${text}. The correct format is <device-path>:<number>. Number must be a positive integer`,
    )
  return Number(text)
}

function cgroupsMode(text: string): NonNullable<ResourceSpec['cgroups']> {
  if (text === 'enabled' || text === 'disabled' || text === 'no-conmon' || text === 'split') return text
  throw new UsageError(`invalid cgroup mode ${JSON.stringify(text)}: choose from enabled, disabled, no-conmon, split`)
}
