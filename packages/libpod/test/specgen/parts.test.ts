import test from 'ava'
import { healthOf } from '../../src/specgen/health.ts'
import { namespaceOf } from '../../src/specgen/namespaces.ts'
import { exposed, programOptions } from '../../src/specgen/network.ts'
import { storageOf } from '../../src/specgen/storage.ts'

test('a namespace is as usual, as asked, or its pod’s without a word', t => {
  const named = (mode: Parameters<typeof namespaceOf>[0]) => namespaceOf(mode, 'default', 'infra')
  t.deepEqual(named(undefined), { nsmode: 'default' })
  t.deepEqual(named({ kind: 'host' }), { nsmode: 'host' })
  t.deepEqual(named({ kind: 'container', container: 'infra' }), {})
  t.deepEqual(named({ kind: 'container', container: 'other' }), { nsmode: 'container', value: 'other' })
  t.deepEqual(named({ kind: 'path', path: '/proc/1/ns/net' }), { nsmode: 'path', value: '/proc/1/ns/net' })
  t.deepEqual(named({ kind: 'keep-id' }), { nsmode: 'keep-id' })
  t.deepEqual(named({ kind: 'keep-id', uid: 5, size: 10 }), { nsmode: 'keep-id', value: 'uid=5,size=10' })
  t.deepEqual(named({ kind: 'auto', size: 100 }), { nsmode: 'auto', value: 'size=100' })
  t.deepEqual(named({ kind: 'nomap' }), { nsmode: 'no-map' })
})

test('a port is exposed once, for all its protocols', t => {
  t.deepEqual(exposed(['80/tcp', '80/udp', '53/udp']), { 53: 'udp', 80: 'tcp,udp' })
})

test('only a program that carries packets has options', t => {
  t.deepEqual(programOptions({ mode: { kind: 'pasta', options: ['-T', '80'] } }), { pasta: ['-T', '80'] })
  t.is(programOptions({ mode: { kind: 'slirp4netns', options: [] } }), undefined)
  t.is(programOptions({ mode: { kind: 'host' } }), undefined)
})

test('usual options of a mount stand where none of their kind was asked for', t => {
  const mounts = storageOf(
    [
      { kind: 'bind', source: '/a', destination: '/x', options: ['ro', 'shared', 'bind'] },
      { kind: 'bind', source: '/a', subPath: 'b', destination: '/y', options: [] },
      { kind: 'tmpfs', destination: '/t', options: ['dev', 'notmpcopyup'] },
      { kind: 'artifact', artifact: 'a:1', destination: '/z', title: 'f' },
    ],
    [{ name: 'v', destination: '/v', options: ['nocopy', 'suid'], anonymous: 'no', subPath: 'deep' }],
  )
  const tmpfs = ['dev', 'notmpcopyup', 'rprivate', 'nosuid']
  t.deepEqual(mounts, {
    mounts: [
      { destination: '/x', type: 'bind', source: '/a', options: ['ro', 'shared', 'bind'] },
      { destination: '/y', type: 'bind', source: '/a/b', options: ['rprivate', 'rbind'] },
      { destination: '/t', type: 'tmpfs', source: 'tmpfs', options: tmpfs },
    ],
    volumes: [
      {
        Name: 'v',
        Dest: '/v',
        Options: ['nocopy', 'suid', 'rprivate', 'nodev', 'rbind'],
        IsAnonymous: false,
        SubPath: 'deep',
      },
    ],
    artifact_volumes: [{ source: 'a:1', destination: '/z', title: 'f' }],
  })
})

test('checks have Podman’s times, and numbers for what is done about a failure', t => {
  t.deepEqual(healthOf({ test: ['CMD', 'x'], onFailure: 'stop', startPeriod: 0 }), {
    healthconfig: { Test: ['CMD', 'x'], Interval: 30e9, Timeout: 30e9, Retries: 3 },
    health_check_on_failure_action: 4,
    healthLogDestination: 'local',
    healthMaxLogCount: 5,
    healthMaxLogSize: 500,
  })
})
