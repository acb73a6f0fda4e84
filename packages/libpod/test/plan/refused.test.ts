import test from 'ava'
import { fitLimits } from '../../src/host/limits.ts'
import type { ContainerSpec } from '../../src/index.ts'
import { refuseContradictions } from '../../src/plan/contradictions.ts'

const refusals: readonly (readonly [ContainerSpec, RegExp])[] = [
  [{ process: { hostname: 'x' }, security: { namespaces: { uts: { kind: 'host' } } } }, /host UTS namespace/],
  [
    { mounts: { shmSize: 1 }, security: { namespaces: { ipc: { kind: 'host' } } } },
    /shmsize when running in the host IPC/,
  ],
  [{ security: { sysctl: { 'kernel.panic': '1' } } }, /sysctl 'kernel.panic' is not allowed/],
  [{ security: { sysctl: { 'net.x': '1' } }, network: { mode: { kind: 'host' } } }, /Network Namespace set to host/],
  [
    { security: { sysctl: { 'fs.mqueue.x': '1' }, namespaces: { ipc: { kind: 'host' } } } },
    /IPC Namespace set to host/,
  ],
  [{ security: { capabilities: { add: ['no_such'] } } }, /"CAP_NO_SUCH": unknown capability/],
  [{ security: { capabilities: { add: ['kill'], drop: ['KILL'] } } }, /cannot be dropped and added/],
  [{ network: { mode: { kind: 'container', container: 'c' }, hosts: ['a:1.2.3.4'] } }, /extra host entries/],
  [{ network: { mode: { kind: 'none' }, dns: { servers: ['1.2.3.4'] } } }, /dns and the network mode: none/],
  [{ network: { mode: { kind: 'none' }, resolvConf: 'leave' } }, /dns and the network mode: none/],
]

test('what excludes each other is refused by name', t => {
  for (const [spec, message] of refusals) t.throws(() => refuseContradictions(spec), { code: 'SPEC_INVALID', message })
  t.notThrows(() => refuseContradictions({ security: { sysctl: { 'net.x': '1' }, capabilities: { add: ['all'] } } }))
})

test('limits that no host could keep are refused, those that this one does not know are left out and told', t => {
  const v1 = { cgroups: 'hybrid', uid: 0 } as const
  const v2 = { cgroups: 'v2', uid: 0 } as const
  const wrong = [
    [{ memory: { limit: 10, swap: 5 } }, /memoryswap limit should be larger/],
    [{ memory: { swap: 5 } }, /always set a memory limit/],
    [{ memory: { limit: 5, reservation: 10 } }, /less than memory reservation/],
    [{ cpu: { period: 10 } }, /period cannot be less/],
    [{ cpu: { quota: 10 } }, /quota cannot be less/],
    [{ cpu: { cpus: '9999' } }, /requested CPUs are not available - requested 9999/],
    [{ cpu: { cpus: '1-0' } }, /invalid value 1-0 for cpuset cpus/],
    [{ blockIo: { weight: 5 } }, /range of blkio weight/],
  ] as const
  for (const [resources, message] of wrong) t.throws(() => fitLimits(resources, v2), { message })
  t.throws(() => fitLimits({ unified: { 'io.weight': '1' } }, v1), { message: /without cgroup v2/ })
  t.deepEqual(fitLimits({ memory: { limit: 10, swap: -1 } }, v2), {
    resources: { memory: { limit: 10, swap: -1 } },
    warnings: [],
  })
  const realtime = fitLimits({ cpu: { realtimePeriod: 1, shares: 2 } }, v2)
  t.deepEqual(realtime.resources, { cpu: { shares: 2 } })
  t.regex(realtime.warnings.join(), /Realtime period not supported/)
})
