import test from 'ava'
import { limitFilesV1, limitFilesV2 } from '../../src/host/cgroup-limits.ts'

const resources = {
  memory: { limit: 5242880, swap: 1073741824, reservation: 1000 },
  cpu: { shares: 1000, quota: 500000, period: 100000, cpus: '0', mems: '0' },
  pids: { limit: -1 },
  blockIO: { weight: 50, throttleReadBpsDevice: [{ major: 7, minor: 1, rate: 1048576 }] },
}

const lines = (files: ReturnType<typeof limitFilesV1>) => files.map(({ names, value }) => `${names.join('|')} ${value}`)

test('limits as files of the first version', t => {
  t.deepEqual(lines(limitFilesV1(resources)), [
    ...['memory.limit_in_bytes 5242880', 'memory.memsw.limit_in_bytes 1073741824'],
    ...['memory.soft_limit_in_bytes 1000', 'cpu.shares 1000', 'cpu.cfs_period_us 100000', 'cpu.cfs_quota_us 500000'],
    ...['cpuset.cpus 0', 'cpuset.mems 0', 'pids.max max', 'blkio.weight|blkio.bfq.weight 50'],
    'blkio.throttle.read_bps_device 7:1 1048576',
  ])
})

test('limits as files of the second', t => {
  t.deepEqual(lines(limitFilesV2({ ...resources, unified: { 'memory.high': '4096' } })), [
    ...['memory.max 5242880', 'memory.swap.max 1068498944', 'memory.low 1000', 'cpu.weight 39'],
    ...['cpu.max 500000 100000', 'cpuset.cpus 0', 'cpuset.mems 0', 'pids.max max'],
    ...['io.bfq.weight|io.weight default 50', 'io.max 7:1 rbps=1048576', 'memory.high 4096'],
  ])
  t.deepEqual(limitFilesV2({}), [])
  t.deepEqual(lines(limitFilesV2({ memory: { limit: -1, swap: -1 }, cpu: { period: 50000 } })), [
    'memory.max max',
    'memory.swap.max max',
    'cpu.max max 50000',
  ])
})
