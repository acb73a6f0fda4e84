import test from 'ava'
import { generateSpec, type SpecHost, type SpecPlan } from '../../src/index.ts'

const host: SpecHost = {
  cgroup: 'v2',
  architecture: 'amd64',
  kernel: '6.1.0',
  capabilities: ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_ADMIN'],
  rlimits: { nofile: { soft: 1024, hard: 4096 } },
  rootless: 'no',
}
const namespaces = (['pid', 'network', 'ipc', 'uts', 'mount'] as const).map(type => ({ type }))
const planOf = (edit: Partial<SpecPlan> = {}): SpecPlan => ({
  id: 'c1',
  rootfs: { path: '/rootfs', readonly: 'no' },
  process: { args: ['true'], cwd: '/', env: ['A=b'], terminal: 'no', user: { uid: 0, gid: 0 } },
  namespaces,
  host,
  ...edit,
})
const mountAt = (edit: Partial<SpecPlan>, path: string) => {
  return generateSpec(planOf(edit)).mounts?.find(mount => mount.destination === path)
}
const withUser = { namespaces: [...namespaces, { type: 'user' as const }] }
const mapping = { containerID: 0, hostID: 100_000, size: 65_536 }

// CVE-2020-14370: what one container was given was seen by the next.
test('nothing of a spec is shared with the plan or the next spec', t => {
  const plan = planOf({ annotations: { a: 'b' }, resources: { pids: { limit: 5 } } })
  const [first, second] = [generateSpec(plan), generateSpec(plan)]
  t.deepEqual(first, second)
  const before = JSON.stringify([plan, second])
  spoil(first)
  t.is(JSON.stringify([plan, second]), before)
  t.deepEqual(generateSpec(plan), second)
})

function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const entry of Object.values(value)) spoil(entry)
  if (Array.isArray(value)) value.push('LEAKED=1')
  else Object.assign(value, { leaked: true })
}

test('hostile annotation names are data', t => {
  const annotations = JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>
  const spec = generateSpec(planOf({ annotations }))
  t.is(JSON.stringify(spec.annotations), '{"__proto__":"x","constructor":"y"}')
  t.is(({} as { x?: unknown }).x, undefined)
})

test('a user namespace mounts only what it owns', t => {
  const ownUser = { ...withUser, uidMappings: [mapping], gidMappings: [mapping] }
  t.is(mountAt(ownUser, '/sys')?.type, 'sysfs')
  t.is(mountAt(ownUser, '/proc')?.type, 'proc')
  const none = (type: string) => ({ ...ownUser, namespaces: ownUser.namespaces.filter(entry => entry.type !== type) })
  t.is(mountAt(none('network'), '/sys')?.type, 'bind')
  t.is(mountAt(none('network'), '/sys/fs/cgroup'), undefined)
  t.is(mountAt(none('pid'), '/proc')?.type, 'bind')
  t.is(mountAt(none('ipc'), '/dev/mqueue')?.type, 'bind')
})

test('rootless containers bind devices and hide the kernel of a bound /sys', t => {
  const rootless = { ...host, rootless: 'yes' as const }
  const devices = [{ path: '/dev/x', hostPath: '/dev/fuse', type: 'c' as const, major: 10, minor: 229, access: 'r' }]
  const spec = generateSpec(
    planOf({ host: rootless, devices, namespaces: namespaces.filter(entry => entry.type !== 'network') }),
  )
  t.is(spec.linux?.devices, undefined)
  t.deepEqual(
    spec.mounts?.find(mount => mount.destination === '/dev/x'),
    { destination: '/dev/x', type: 'bind', source: '/dev/fuse', options: ['slave', 'nosuid', 'noexec', 'ro', 'rbind'] },
  )
  t.true(spec.linux?.maskedPaths?.includes('/sys/kernel'))
})

test('group 5 is asked for only where it is mapped', t => {
  const gids = (size: number) => mountAt({ ...withUser, gidMappings: [{ ...mapping, size }] }, '/dev/pts')?.options
  t.true(gids(6)?.includes('gid=5'))
  t.false(gids(5)?.includes('gid=5'))
})

test('systemd gets its own cgroup tree', t => {
  const systemd = (edit: Partial<SpecPlan>) =>
    mountAt({ standardMounts: { systemd: 'yes' }, ...edit }, '/sys/fs/cgroup')
  t.deepEqual(systemd({})?.options, ['bind', 'private', 'rw'])
  t.deepEqual(systemd({ namespaces: [...namespaces, { type: 'cgroup' }] }), {
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['private', 'rw'],
  })
  t.is(mountAt({ standardMounts: { systemd: 'yes' } }, '/run/lock')?.type, 'tmpfs')
})

test('cgroup mounts follow the plan', t => {
  const access = (standardMounts: SpecPlan['standardMounts'] & object) => {
    return mountAt({ standardMounts }, '/sys/fs/cgroup')?.options?.at(-1)
  }
  t.is(access({}), 'ro')
  t.is(access({ cgroup: 'read-write' }), 'rw')
  t.is(mountAt({ standardMounts: { cgroup: 'none' } }, '/sys/fs/cgroup'), undefined)
  t.deepEqual(generateSpec(planOf({ standardMounts: 'none' })).mounts, [])
})

test('limits are lowered only where the caller may not raise them', t => {
  const process = { ...planOf().process, rlimits: [{ type: 'nofile', soft: 10_000, hard: 10_000 }] }
  const hard = (edit: Partial<SpecHost>) => {
    return generateSpec(planOf({ process, host: { ...host, ...edit } })).process?.rlimits?.[0]?.hard
  }
  const strong = [...host.capabilities, 'CAP_SYS_RESOURCE']
  t.is(hard({}), 4096)
  t.is(hard({ capabilities: strong }), 10_000)
  t.is(hard({ capabilities: strong, rootless: 'yes' }), 4096)
})

test('the version is the lowest that has every field', t => {
  const version = (edit: Partial<SpecPlan>) => generateSpec(planOf(edit)).ociVersion
  t.is(version({}), '1.0.2')
  t.is(version({ domainname: 'example' }), '1.1.0')
  t.is(version({ timeOffsets: { boottime: { secs: 5 } }, namespaces: [...namespaces, { type: 'time' }] }), '1.1.0')
  t.is(version({ ociVersion: '1.2.0' }), '1.2.0')
})

test('a privileged container is neither filtered nor guarded', t => {
  const { linux } = generateSpec(planOf({ privileged: 'yes' }))
  t.is(linux?.seccomp, undefined)
  t.is(linux?.maskedPaths, undefined)
  t.is(linux?.readonlyPaths, undefined)
  t.deepEqual(linux?.resources?.devices, [{ allow: true, access: 'rwm' }])
  const profile = { defaultAction: 'SCMP_ACT_ALLOW' as const }
  t.deepEqual(generateSpec(planOf({ privileged: 'yes', seccomp: { profile } })).linux?.seccomp, profile)
})

// podman#26938
test('an option that no file system takes never reaches a spec', t => {
  const mounts = [{ destination: '/x', type: 'bind', source: '/y', options: ['rbind', 'volume-opt=a'] }]
  t.throws(() => generateSpec(planOf({ mounts })), { code: 'MOUNT_INVALID', message: /volume-opt=a/ })
  t.throws(() => generateSpec(planOf({ mounts: [{ destination: '/x', options: ['U'] }] })), { code: 'MOUNT_INVALID' })
})

// CVE-2022-2989
test('the primary group is among the supplementary ones', t => {
  const gids = (additionalGids: readonly number[]) => {
    const process = { ...planOf().process, user: { uid: 1, gid: 7, additionalGids } }
    return generateSpec(planOf({ process })).process?.user.additionalGids
  }
  t.deepEqual(gids([8, 9]), [7, 8, 9])
  t.deepEqual(gids([8, 7]), [7, 8])
  t.deepEqual(gids([]), [])
})

test('programs below /dev may be run, as SGX enclaves have to be', t => {
  const options = mountAt({}, '/dev')?.options ?? []
  t.true(options.includes('nosuid'))
  t.false(options.includes('noexec'))
})
