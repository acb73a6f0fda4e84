import test from 'ava'
import { annotations } from '../../src/plan/annotations.ts'
import type { ContainerRecord } from '../../src/state/container.ts'

const of = (config: Pick<ContainerRecord['config'], 'spec' | 'stopSignal' | 'stopTimeout'>) =>
  annotations({ config } as ContainerRecord)

test('a container says how it is stopped, in systemd’s words too', t => {
  t.deepEqual(of({ spec: {}, stopSignal: 2, stopTimeout: 3 }), {
    'io.container.manager': 'libpod',
    'org.opencontainers.image.stopSignal': '2',
    'org.systemd.property.KillSignal': '2',
    'org.systemd.property.TimeoutStopUSec': 'uint64 3000000',
  })
  t.false('org.systemd.property.TimeoutStopUSec' in of({ spec: {}, stopSignal: 15, stopTimeout: 0 }))
})

test('limits that were asked for are told, and the caller’s own words win', t => {
  const resources = { cpu: { cpus: '0', mems: '1' }, pids: { limit: 50 } }
  const told = of({
    spec: { resources, annotations: { 'io.podman.annotations.cpuset': 'mine' } },
    stopSignal: 15,
    stopTimeout: 10,
  })
  t.is(told['io.podman.annotations.memory-nodes'], '1')
  t.is(told['io.podman.annotations.pids-limit'], '50')
  t.is(told['io.podman.annotations.cpuset'], 'mine')
})
