import type { ContainerStats } from '@libpod/libpod'
import test from 'ava'
import { statsFigures, statsJson, statsRow } from '../../src/print/stats.ts'

const stats: ContainerStats = {
  id: 'ab'.repeat(32) as ContainerStats['id'],
  name: 'one',
  cpuNano: 5e6,
  systemNano: 0,
  cpuPercent: 0.5,
  memoryUsage: 1000,
  memoryLimit: 4000,
  pids: 2,
  networks: {
    eth0: {
      rxBytes: 1,
      rxPackets: 2,
      rxErrors: 3,
      rxDropped: 4,
      txBytes: 5,
      txPackets: 6,
      txErrors: 7,
      txDropped: 8,
    },
  },
  blockInput: 0,
  blockOutput: 0,
  upTimeNano: 1e9,
}

test('JSON of a template has figures, that of the list texts', t => {
  const { AvgCPU, MemUsage, MemLimit, MemPerc, PIDs, Network } = statsFigures(stats)
  t.deepEqual(
    { AvgCPU, MemUsage, MemLimit, MemPerc, PIDs },
    { AvgCPU: 0.5, MemUsage: 1000, MemLimit: 4000, MemPerc: 25, PIDs: 2 },
  )
  t.deepEqual(Network, {
    eth0: {
      RxBytes: 1,
      RxDropped: 4,
      RxErrors: 3,
      RxPackets: 2,
      TxBytes: 5,
      TxDropped: 8,
      TxErrors: 7,
      TxPackets: 6,
    },
  })
  t.is(statsFigures({ ...stats, networks: {} }).Network, null)
  t.like(statsJson(statsRow(stats, 'short')), { avg_cpu: '0.50%', mem_usage: '1kB / 4kB', pids: '2' })
})
