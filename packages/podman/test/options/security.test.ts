import test from 'ava'
import { caller, refusal, specOf } from './parse.ts'

const securityOf = (...options: string[]) => specOf(options).security

test('security options', t => {
  t.like(
    securityOf(
      '--security-opt',
      'no-new-privileges',
      '--security-opt',
      'seccomp=unconfined',
      '--security-opt',
      'unmask=/a:/b',
    ),
    {
      noNewPrivileges: 'yes',
      seccomp: 'unconfined',
      unmask: ['/a', '/b'],
    },
  )
  t.deepEqual(securityOf('--security-opt', 'label=disable', '--security-opt', 'label:type:t')?.labels, [
    'disable',
    'type:t',
  ])
  t.regex(refusal(['--security-opt', 'nonsense=1']), /invalid --security-opt/)
})

test('devices and cgroup rules', t => {
  t.deepEqual(
    securityOf('--device', '/dev/null:/dev/x:rw', '--device', '/dev/full:r', '--device', 'v.com/c=n')?.devices,
    [
      { hostPath: '/dev/null', containerPath: '/dev/x', access: 'rw' },
      { hostPath: '/dev/full', access: 'r' },
      { hostPath: 'v.com/c=n' },
    ],
  )
  t.is(refusal(['--device-cgroup-rule', 'b 7:* rmx']), 'invalid device access in device-access-add: x')
  t.is(
    refusal(['--device-cgroup-rule', 'b 7:2']),
    'invalid device cgroup rule requires type, major:Minor, and access rules: "b 7:2"',
  )
  t.is(refusal(['--device-cgroup-rule', 'x 7:* rwm']), 'invalid device type in device-access-add: x')
  t.is(refusal(['--device-cgroup-rule', 'b a:* rwm']), 'strconv.ParseUint: parsing "a": invalid syntax')
})

test('namespaces', t => {
  t.deepEqual(securityOf('--pid', 'host', '--ipc', 'shareable', '--uts', 'container:x')?.namespaces, {
    pid: { kind: 'host' },
    ipc: { kind: 'shareable' },
    uts: { kind: 'container', container: 'x' },
  })
  t.deepEqual(securityOf('--userns', 'keep-id:uid=5,gid=6')?.namespaces?.user, { kind: 'keep-id', uid: 5, gid: 6 })
  t.deepEqual(securityOf('--userns', 'auto:size=100,uidmapping=1:2:3')?.namespaces?.user, {
    kind: 'auto',
    size: 100,
    uidMappings: [{ containerId: 1, hostId: 2, size: 3 }],
  })
  t.deepEqual(specOf([], caller({}, { PODMAN_USERNS: 'keep-id' })).security?.namespaces?.user, { kind: 'keep-id' })
  t.is(specOf(['--pod', 'p'], caller({}, { PODMAN_USERNS: 'keep-id' })).security, undefined)
  t.regex(refusal(['--pid', 'nonsense']), /unrecognized --pid mode/)
  t.regex(refusal(['--userns', 'host', '--uidmap', '0:1:2']), /mutually exclusive/)
})

test('id maps: one list stands for both, marks choose, plus cuts', t => {
  const whole = { containerId: 0, hostId: 0, size: 1000 }
  t.deepEqual(securityOf('--uidmap', '0:0:1000')?.idMappings, { uids: [whole], gids: [whole] })
  t.deepEqual(securityOf('--gidmap', '0:0:1000', '--gidmap', 'g2000:2000:1')?.idMappings, {
    uids: [whole],
    gids: [whole, { containerId: 2000, hostId: 2000, size: 1 }],
  })
  t.deepEqual(securityOf('--uidmap', '0:0:65000', '--uidmap', '+100000:1:1')?.idMappings?.uids, [
    { containerId: 0, hostId: 0, size: 1 },
    { containerId: 2, hostId: 2, size: 64998 },
    { containerId: 100000, hostId: 1, size: 1 },
  ])
})

test('resources', t => {
  t.deepEqual(specOf(['-m', '64m', '--memory-swap', '-1', '--cpus', '1.5', '--pids-limit', '-1']).resources, {
    memory: { limit: 64 * 1024 ** 2, swap: -1 },
    cpu: { period: 100_000, quota: 150_000 },
    pids: { limit: -1 },
  })
  t.deepEqual(
    specOf(['--device-read-bps', '/dev/sda:1mb', '--blkio-weight-device', '/dev/sda:100']).resources?.blockIo,
    {
      readBps: [{ path: '/dev/sda', rate: 1024 ** 2 }],
      weightDevices: [{ path: '/dev/sda', weight: 100 }],
    },
  )
  t.is(refusal(['-m', 'much']), "invalid size: 'much'")
  t.is(specOf(['-m', '0']).resources, undefined)
})
