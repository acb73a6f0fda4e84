import type { ContainerStats } from '@libpod/libpod'
import { humanBinarySize, humanSize } from './size.ts'

/** What templates see of a container's figures, by the names that Podman documents. */
export function statsRow(stats: ContainerStats, ids: 'short' | 'full') {
  const networks = Object.values(stats.networks)
  const sum = (pick: (network: { rxBytes: number; txBytes: number }) => number) =>
    networks.reduce((total, one) => total + pick(one), 0)
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
    AvgCPU: percent(average),
    AVGCPU: percent(average),
    CPUTime: goDuration(stats.cpuNano),
    Up: goDuration(stats.upTimeNano),
    UpTime: goDuration(stats.upTimeNano),
    MemUsage: `${humanSize(stats.memoryUsage)} / ${humanSize(stats.memoryLimit)}`,
    MemUsageBytes: `${humanBinarySize(stats.memoryUsage)} / ${humanBinarySize(stats.memoryLimit)}`,
    MemLimit: stats.memoryLimit,
    MemPerc: percent(memory),
    NetIO: `${humanSize(sum(one => one.rxBytes))} / ${humanSize(sum(one => one.txBytes))}`,
    Network: stats.networks,
    BlockInput: stats.blockInput,
    BlockOutput: stats.blockOutput,
    BlockIO: `${humanSize(stats.blockInput)} / ${humanSize(stats.blockOutput)}`,
    PIDs: pids,
    PIDS: pids,
    PerCPU: null,
  }
}

type StatsRow = ReturnType<typeof statsRow>

/** One container of `stats --format json`. */
export const statsJson = (row: StatsRow) => ({
  id: row.ID,
  name: row.Name,
  cpu_time: row.CPUTime,
  cpu_percent: row.CPUPerc,
  avg_cpu: row.AvgCPU,
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
