import type { SpecPlan, StandardMountsPlan } from '../generate/plan.ts'
import type { NamespaceType } from '../spec/linux.ts'
import type { Mount } from '../spec/mount.ts'

/** What the standard mounts depend on. */
export type StandardMountsFor = Pick<
  SpecPlan,
  'namespaces' | 'uidMappings' | 'gidMappings' | 'privileged' | 'rootfs' | 'host'
>

/** /proc, /dev, /sys and what lies on them, as Podman mounts them for this kind of container. */
export function defaultMounts(plan: StandardMountsFor, options: StandardMountsPlan = {}): readonly Mount[] {
  const facts = factsOf(plan)
  return [
    procMount(facts, options),
    devMount(plan, options),
    sysMount(facts),
    ptsMount(plan),
    mqueueMount(facts),
    ...shmMounts(options),
    ...cgroupMounts(facts, options),
    ...(options.systemd === 'yes' ? systemdMounts(options) : []),
    ...tmpfsMounts(options.readOnlyTmpfs === 'yes' ? writableDirectories : []),
  ].filter((entry, at, all) => all.findIndex(other => other.destination === entry.destination) === at)
}

/** Where a container with sysfs bound from a host it does not own must not look. */
export function maskedByMounts(plan: StandardMountsFor, options: StandardMountsPlan = {}): readonly string[] {
  const facts = factsOf(plan)
  const kernel = facts.rootless && !facts.privileged && !mountsSysfs(facts) ? ['/sys/kernel'] : []
  const agent = options.systemd === 'yes' && plan.host.cgroup === 'v1' ? ['/sys/fs/cgroup/systemd/release_agent'] : []
  return [...kernel, ...agent]
}

/** Directories that systemd as the first process wants to be tmpfs. */
const systemdDirectories = ['/run', '/run/lock', '/tmp', '/var/log/journal']
const writableDirectories = ['/run', '/tmp', '/var/tmp']

interface Facts {
  readonly owns: (type: NamespaceType) => boolean
  readonly rootless: boolean
  readonly newUserNamespace: boolean
  readonly privileged: boolean
  readonly cgroup: 'v1' | 'v2'
}

function factsOf(plan: StandardMountsFor): Facts {
  const types = new Set(plan.namespaces.map(entry => entry.type))
  return {
    owns: type => types.has(type),
    rootless: plan.host.rootless === 'yes',
    newUserNamespace: types.has('user'),
    privileged: plan.privileged === 'yes',
    cgroup: plan.host.cgroup,
  }
}

const mount = (destination: string, type: string, options: readonly string[], source = type): Mount => {
  return { destination, type, source, options }
}

/** Read-only with a root that has no writable directory at all. */
function devMount({ rootfs }: StandardMountsFor, { readOnlyTmpfs }: StandardMountsPlan): Mount {
  const options = ['nosuid', 'strictatime', 'mode=755', 'size=65536k']
  const sealed = rootfs.readonly === 'yes' && readOnlyTmpfs === 'no'
  return mount('/dev', 'tmpfs', sealed ? [...options, 'ro'] : options)
}

// The kernel lets a user namespace mount proc and sysfs only beside the pid and network namespaces that it owns.
function procMount(facts: Facts, options: StandardMountsPlan): Mount {
  const restricted = facts.rootless || facts.newUserNamespace
  if (restricted && !facts.owns('pid')) {
    return mount('/proc', 'bind', ['rbind', 'nosuid', 'noexec', 'nodev', 'rw', 'rprivate'], '/proc')
  }
  return mount('/proc', 'proc', options.procOptions ?? ['nosuid', 'noexec', 'nodev'])
}

const mountsSysfs = (facts: Facts) => facts.owns('network') || !(facts.rootless || facts.newUserNamespace)

function sysMount(facts: Facts): Mount {
  const access = facts.privileged ? 'rw' : 'ro'
  if (!mountsSysfs(facts)) {
    return mount('/sys', 'bind', ['rprivate', 'nosuid', 'noexec', 'nodev', access, 'rbind'], '/sys')
  }
  const first = facts.privileged ? ['rprivate'] : []
  return mount('/sys', 'sysfs', [...first, 'nosuid', 'noexec', 'nodev', access])
}

/** Group 5 is tty everywhere; where it is not mapped the kernel refuses the option. */
function ptsMount(plan: StandardMountsFor): Mount {
  const mappings = plan.gidMappings ?? []
  const host = mappings.length === 0 && plan.host.ttyGroup !== 'unmapped'
  const mapped = host || mappings.some(m => m.containerID <= 5 && 5 < m.containerID + m.size)
  const options = ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620']
  return mount('/dev/pts', 'devpts', mapped ? [...options, 'gid=5'] : ['rprivate', ...options])
}

function mqueueMount(facts: Facts): Mount {
  const options = ['nosuid', 'noexec', 'nodev']
  const restricted = facts.rootless || facts.newUserNamespace
  if (!restricted || facts.owns('ipc')) return mount('/dev/mqueue', 'mqueue', options)
  return mount('/dev/mqueue', 'bind', ['bind', ...options, 'rw', 'rprivate'], '/dev/mqueue')
}

function shmMounts(options: StandardMountsPlan): readonly Mount[] {
  if (options.shm === 'none') return []
  const size = options.shmSize ?? 65_536_000
  return [mount('/dev/shm', 'tmpfs', ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${size}`], 'shm')]
}

function cgroupMounts(facts: Facts, options: StandardMountsPlan): readonly Mount[] {
  if (options.cgroup === 'none' || !mountsSysfs(facts)) return []
  const systemd = options.systemd === 'yes'
  if (systemd && facts.cgroup === 'v2') return [systemdUnified(facts)]
  const access = options.cgroup === 'read-write' || facts.privileged ? 'rw' : 'ro'
  const base = mount('/sys/fs/cgroup', 'cgroup', ['rprivate', 'nosuid', 'noexec', 'nodev', 'relatime', access])
  return systemd ? [base, systemdHierarchy] : [base]
}

const systemdHierarchy = mount('/sys/fs/cgroup/systemd', 'bind', ['bind', 'rprivate'], '/sys/fs/cgroup/systemd')

function systemdUnified(facts: Facts): Mount {
  if (facts.owns('cgroup')) return mount('/sys/fs/cgroup', 'cgroup', ['private', 'rw'])
  return mount('/sys/fs/cgroup', 'bind', ['bind', 'private', 'rw'], '/sys/fs/cgroup')
}

function systemdMounts({ systemdSize }: StandardMountsPlan): readonly Mount[] {
  const size = systemdSize === undefined ? [] : [`size=${systemdSize}`]
  return tmpfsMounts(systemdDirectories).map(entry => ({ ...entry, options: [...(entry.options ?? []), ...size] }))
}

function tmpfsMounts(directories: readonly string[]): readonly Mount[] {
  return directories.map(path => mount(path, 'tmpfs', ['rw', 'rprivate', 'nosuid', 'nodev', 'tmpcopyup']))
}
