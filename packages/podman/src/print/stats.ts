import type { ContainerStats, PodContainerStats } from '@libpod/libpod'
import { humanBinarySize, humanSize } from './size.ts'

/** What templates see of a container's figures, by the names that Podman documents. */
export function statsRow(stats: ContainerStats, ids: 'short' | 'full') {
  const { rxBytes, txBytes } = trafficOf(stats)
  const memory = stats.memoryLimit > 0 ? (stats.memoryUsage / stats.memoryLimit) * 100 : 0
  const average = stats.upTimeNano > 0 ? (stats.cpuNano / stats.upTimeNano) * 100 : 0
  const pids = String(stats.pids)
  return {
    ID: ids === 'short' ? stats.id.slice(0, 12) : stats.id,
    ContainerID: stats.id,
    Name: stats.name,
    CPU: stats.cpuPercent,
    CPUPerc: percent(stats.cpuPercent),
    CPUNano: stats.cpuNano,
    Duration: stats.cpuNano,
    CPUSystemNano: stats.systemNano,
    SystemNano: Date.now() * 1e6,
    AvgCPU: average,
    AVGCPU: percent(average),
    CPUTime: goDuration(stats.cpuNano),
    Up: goDuration(stats.upTimeNano),
    UpTime: goDuration(stats.upTimeNano),
    MemUsage: `${humanSize(stats.memoryUsage)} / ${humanSize(stats.memoryLimit)}`,
    MemUsageBytes: `${humanBinarySize(stats.memoryUsage)} / ${humanBinarySize(stats.memoryLimit)}`,
    MemLimit: stats.memoryLimit,
    MemPerc: percent(memory),
    NetIO: `${humanSize(rxBytes)} / ${humanSize(txBytes)}`,
    Network: networkOf(stats),
    BlockInput: stats.blockInput,
    BlockOutput: stats.blockOutput,
    BlockIO: `${humanSize(stats.blockInput)} / ${humanSize(stats.blockOutput)}`,
    PIDs: pids,
    PIDS: pids,
    PerCPU: null,
  }
}

/** By the names that they have in Go; nothing without an interface. */
function networkOf({ networks }: ContainerStats) {
  const all = Object.entries(networks).map(([name, traffic]) => {
    const figures = Object.entries(traffic).map(([key, value]) => [`${key[0]?.toUpperCase()}${key.slice(1)}`, value])
    return [name, Object.fromEntries(figures.sort())] as const
  })
  return all.length > 0 ? Object.fromEntries(all) : null
}

/** The figures as they are, for `{{json .}}`. */
export function statsFigures(stats: ContainerStats) {
  const row = statsRow(stats, 'full')
  return {
    AvgCPU: row.AvgCPU,
    ContainerID: row.ContainerID,
    Name: row.Name,
    PerCPU: row.PerCPU,
    CPU: row.CPU,
    CPUNano: row.CPUNano,
    CPUSystemNano: row.CPUSystemNano,
    SystemNano: row.SystemNano,
    MemUsage: stats.memoryUsage,
    MemLimit: stats.memoryLimit,
    MemPerc: stats.memoryLimit > 0 ? (stats.memoryUsage / stats.memoryLimit) * 100 : 0,
    Network: row.Network,
    BlockInput: row.BlockInput,
    BlockOutput: row.BlockOutput,
    PIDs: stats.pids,
    UpTime: stats.upTimeNano,
    Duration: row.Duration,
  }
}

/** Of all its interfaces, in bytes. */
function trafficOf({ networks }: ContainerStats): { readonly rxBytes: number; readonly txBytes: number } {
  const sum = (pick: 'rxBytes' | 'txBytes') => Object.values(networks).reduce((total, one) => total + one[pick], 0)
  return { rxBytes: sum('rxBytes'), txBytes: sum('txBytes') }
}

type StatsRow = ReturnType<typeof statsRow>

/** One container of `stats --format json`. */
export const statsJson = (row: StatsRow) => ({
  id: row.ID,
  name: row.Name,
  cpu_time: row.CPUTime,
  cpu_percent: row.CPUPerc,
  avg_cpu: row.AVGCPU,
  mem_usage: row.MemUsage,
  mem_percent: row.MemPerc,
  net_io: row.NetIO,
  block_io: row.BlockIO,
  pids: row.PIDs,
})

export const statsHeadings: Readonly<Record<string, string>> = {
  ID: 'ID',
  Name: 'NAME',
  CPUPerc: 'CPU %',
  MemUsage: 'MEM USAGE / LIMIT',
  MemUsageBytes: 'MEM USAGE / LIMIT',
  MemPerc: 'MEM %',
  NetIO: 'NET IO',
  BlockIO: 'BLOCK IO',
  PIDs: 'PIDS',
  PIDS: 'PIDS',
  CPUTime: 'CPU TIME',
  AvgCPU: 'AVG CPU %',
  AVGCPU: 'AVG CPU %',
}

/** A container of `pod stats`, by Podman's names and in its order; a figure that is not known is `--`. */
export function podStatsRow(stats: PodContainerStats) {
  const row = statsRow(stats, 'short')
  const { rxBytes, txBytes } = trafficOf(stats)
  const known = (text: string, ...figures: readonly number[]): string =>
    figures.every(figure => figure === 0) ? '-- / --' : text
  return {
    CPU: row.CPUPerc,
    MemUsage: known(row.MemUsage, stats.memoryUsage, stats.memoryLimit),
    MemUsageBytes: known(row.MemUsageBytes, stats.memoryUsage, stats.memoryLimit),
    Mem: row.MemPerc,
    NetIO: known(row.NetIO, rxBytes, txBytes),
    BlockIO: known(row.BlockIO, stats.blockInput, stats.blockOutput),
    PIDS: stats.pids === 0 ? '--' : row.PIDS,
    Pod: stats.pod.slice(0, 12),
    CID: row.ID,
    Name: stats.name,
  }
}

const percent = (value: number) => `${value.toFixed(2)}%`

/** Go's `time.Duration` text: `1h2m3.5s`, `12.3ms`. */
export function goDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s'
  if (nanoseconds < 1e3) return `${nanoseconds}ns`
  if (nanoseconds < 1e6) return `${nanoseconds / 1e3}µs`
  if (nanoseconds < 1e9) return `${nanoseconds / 1e6}ms`
  const hours = Math.floor(nanoseconds / 3600e9)
  const minutes = Math.floor((nanoseconds % 3600e9) / 60e9)
  const seconds = Number(((nanoseconds % 60e9) / 1e9).toFixed(9))
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`
}
