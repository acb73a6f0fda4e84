import type { ContainerSummary } from '@libpod/libpod'
import test from 'ava'
import { jsonOf } from '../../src/ps/json.ts'
import { portsText } from '../../src/ps/ports.ts'
import { rowOf, statusText } from '../../src/ps/row.ts'
import { sorted } from '../../src/ps/sort.ts'

const now = Date.UTC(2026, 0, 2)
const container = {
  id: 'ab'.repeat(32) as ContainerSummary['id'],
  names: ['web'],
  image: 'docker.io/library/busybox:latest',
  imageId: 'cd'.repeat(32),
  command: ['sleep', 'a long enough command line'],
  created: now - 180_000,
  startedAt: now - 60_000,
  state: 'running',
  infra: 'no',
  labels: { a: 'b' },
  mounts: [],
  networks: ['podman'],
  ports: [],
  exposedPorts: [],
  restarts: 0,
  autoRemove: 'no',
  namespaces: { cgroup: '', ipc: '', mnt: '', net: '', pidns: '', user: '', uts: '' },
  external: 'no',
} satisfies ContainerSummary

test('a row cuts ids and commands unless told not to', t => {
  const row = rowOf(container, { ids: 'short', now })
  t.like(row, {
    ID: 'abababababab',
    Command: 'sleep a long enou...',
    CreatedHuman: '3 minutes ago',
    Status: 'Up About a minute',
  })
  t.is(row.Label('a'), 'b')
  t.is(row.Label('toString'), '')
  t.is(rowOf(container, { ids: 'full', now }).Command, 'sleep a long enough command line')
})

test('status in words', t => {
  const status = (change: Partial<ContainerSummary>) => statusText({ ...container, ...change }, now)
  t.is(status({ health: 'healthy' }), 'Up About a minute (healthy)')
  t.is(status({ state: 'exited', exitCode: 3, exitedAt: now - 5000 }), 'Exited (3) 5 seconds ago')
  t.is(status({ state: 'created' }), 'Created')
  t.is(status({ external: 'yes' }), 'Storage')
})

test('ports: neighbours joined, exposed ones added', t => {
  const tcp = 'tcp' as const
  const ports = [
    { hostPort: 2001, containerPort: 81, protocol: tcp },
    { hostPort: 2000, containerPort: 80, protocol: tcp },
    { hostIp: '::1', hostPort: 53, containerPort: 53, protocol: 'udp' as const },
  ]
  t.is(
    portsText({ ports, exposedPorts: ['80/tcp', '443/tcp'] }),
    '0.0.0.0:2000-2001->80-81/tcp, [::1]:53->53/udp, 443/tcp',
  )
})

test('sorting keeps the order of equals', t => {
  const other = { ...container, names: ['abc'], created: container.created }
  t.deepEqual(
    sorted([container, other], 'names').map(({ names }) => names[0]),
    ['abc', 'web'],
  )
  t.deepEqual(
    sorted([container, other], 'created').map(({ names }) => names[0]),
    ['web', 'abc'],
  )
})

test('the JSON has the keys and types of Podman', t => {
  t.like(jsonOf(container, now), {
    Id: container.id,
    Names: ['web'],
    Exited: false,
    Created: Math.floor(container.created / 1000),
    Ports: null,
  })
})
