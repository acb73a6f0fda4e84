import { type Edit, engineMounts, env, namespaces, nullDevice, without } from './plan.ts'

/** Flags of `podman create`, and what they change in the plan. Without `plan` a case is only for whole engines. */
export interface Case {
  readonly flags: readonly string[]
  readonly plan?: Edit
}

const app = { uid: 1000, gid: 1000, umask: 0o022, additionalGids: [1000, 2000] }
const memory = (fields: object): Edit => ({ resources: { pids: { limit: 2048 }, memory: fields } })
const cpu = (fields: object): Edit => ({ resources: { pids: { limit: 2048 }, cpu: fields } })
const caps = (capabilities: { add?: string[]; drop?: string[] }): Edit => ({ process: { capabilities } })
const appCaps = (capabilities: { add?: string[]; drop?: string[] }): Edit => ({
  process: { capabilities, user: app, env: env('/home/app') },
})
const mount = (destination: string, type: string, source: string, options: string[]): Edit => ({
  mounts: [...engineMounts(), { destination, type, source, options }],
})
const instead = (destination: string, options: string[]): Edit => ({
  mounts: [
    ...engineMounts().filter(entry => entry.destination !== destination && !entry.destination.startsWith('/run/')),
    ...(destination === '/dev/shm' ? engineMounts().filter(entry => entry.destination.startsWith('/run/')) : []),
    { destination, type: 'tmpfs', source: 'tmpfs', options },
  ],
})
const volume = (name: string, options: string[]) => mount('/data', 'bind', `GRAPH/volumes/${name}/_data`, options)
const annotated = (name: string, value: string) => ({
  'io.container.manager': 'libpod',
  'org.opencontainers.image.stopSignal': '15',
  [`io.podman.annotations.${name}`]: value,
})
const bind = (destination: string, options: string[]) => mount(destination, 'bind', '/tmp', options)
const tmpfs = (destination: string, options: string[]) => mount(destination, 'tmpfs', 'tmpfs', options)

export const processCases: readonly Case[] = [
  { flags: [], plan: {} },
  { flags: ['-t'], plan: { process: { terminal: 'yes' } } },
  { flags: ['-i'], plan: {} },
  { flags: ['--workdir', '/tmp'], plan: { process: { cwd: '/tmp' } } },
  { flags: ['--env', 'A=b', '-e', 'C='], plan: { process: { env: env('/root', 'A=b', 'C=') } } },
  { flags: ['--env', 'PATH=/bin'], plan: { process: { env: env().with(0, 'PATH=/bin') } } },
  { flags: ['--env', 'HOME=/x'], plan: { process: { env: env('/x') } } },
  { flags: ['--hostname', 'web'], plan: { hostname: 'web', process: { env: env().with(4, 'HOSTNAME=web') } } },
  { flags: ['--umask', '0077'], plan: { process: { user: { uid: 0, gid: 0, umask: 0o077 } } } },
  { flags: ['--user', 'app'], plan: appCaps({}) },
  { flags: ['--user', '1000'], plan: appCaps({}) },
  {
    flags: ['--user', '1000:5'],
    plan: { process: { user: { ...app, gid: 5, additionalGids: [5] }, env: env('/home/app') } },
  },
  {
    flags: ['--user', '4321'],
    plan: { process: { user: { uid: 4321, gid: 0, umask: 0o022 }, env: env().toSpliced(3, 1) } },
  },
  { flags: ['--user', '0:0'], plan: {} },
  { flags: ['--user', 'root'], plan: {} },
  {
    flags: ['--user', 'app', '--group-add', 'tty', '--group-add', '77'],
    plan: { process: { user: { ...app, additionalGids: [5, 77, 1000, 2000] }, env: env('/home/app') } },
  },
  {
    flags: ['--group-add', '77'],
    plan: { process: { user: { uid: 0, gid: 0, umask: 0o022, additionalGids: [0, 77] } } },
  },
  { flags: ['--oom-score-adj', '500'], plan: { process: { oomScoreAdj: 500 } } },
  { flags: ['--security-opt', 'no-new-privileges'], plan: { process: { noNewPrivileges: 'yes' } } },
  {
    flags: ['--ulimit', 'core=0:0'],
    plan: {
      process: {
        rlimits: [
          { type: 'core', soft: 0, hard: 0 },
          { type: 'nofile', soft: 100, hard: 100 },
          { type: 'nproc', soft: 100, hard: 100 },
        ],
      },
    },
  },
  {
    flags: ['--ulimit', 'cpu=10:20', '--ulimit', 'fsize=4096:8192'],
    plan: {
      process: {
        rlimits: [
          { type: 'cpu', soft: 10, hard: 20 },
          { type: 'fsize', soft: 4096, hard: 8192 },
          { type: 'nofile', soft: 100, hard: 100 },
          { type: 'nproc', soft: 100, hard: 100 },
        ],
      },
    },
  },
  {
    flags: ['--annotation', 'a=b'],
    plan: { annotations: { 'io.container.manager': 'libpod', 'org.opencontainers.image.stopSignal': '15', a: 'b' } },
  },
  {
    flags: ['--stop-signal', 'SIGINT'],
    plan: { annotations: { 'io.container.manager': 'libpod', 'org.opencontainers.image.stopSignal': '2' } },
  },
]

export const capabilityCases: readonly Case[] = [
  { flags: ['--cap-add', 'net_admin'], plan: caps({ add: ['net_admin'] }) },
  { flags: ['--cap-add', 'CAP_SYS_PTRACE', '--cap-add', 'mknod'], plan: caps({ add: ['SYS_PTRACE', 'mknod'] }) },
  { flags: ['--cap-add', 'all'], plan: caps({ add: ['all'] }) },
  { flags: ['--cap-add', 'all', '--cap-drop', 'sys_admin'], plan: caps({ add: ['all'], drop: ['sys_admin'] }) },
  { flags: ['--cap-drop', 'all'], plan: caps({ drop: ['all'] }) },
  { flags: ['--cap-drop', 'all', '--cap-add', 'kill'], plan: caps({ drop: ['all'], add: ['kill'] }) },
  { flags: ['--cap-drop', 'chown', '--cap-drop', 'kill'], plan: caps({ drop: ['chown', 'kill'] }) },
  { flags: ['--cap-add', 'chown'], plan: caps({ add: ['chown'] }) },
  { flags: ['--user', 'app', '--cap-add', 'net_admin'], plan: appCaps({ add: ['net_admin'] }) },
  { flags: ['--user', 'app', '--cap-add', 'chown'], plan: appCaps({ add: ['chown'] }) },
  { flags: ['--user', 'app', '--cap-drop', 'all'], plan: appCaps({ drop: ['all'] }) },
  {
    flags: ['--user', 'app', '--cap-drop', 'all', '--cap-add', 'net_raw'],
    plan: appCaps({ drop: ['all'], add: ['net_raw'] }),
  },
  { flags: ['--user', 'app', '--cap-add', 'all'], plan: appCaps({ add: ['all'] }) },
  { flags: ['--user', 'app', '--cap-drop', 'kill'], plan: appCaps({ drop: ['kill'] }) },
]

export const namespaceCases: readonly Case[] = [
  { flags: ['--pid', 'host'], plan: { namespaces: without('pid') } },
  {
    flags: ['--ipc', 'host'],
    plan: {
      namespaces: without('ipc'),
      mounts: [
        ...engineMounts().filter(entry => entry.destination !== '/dev/shm'),
        {
          destination: '/dev/shm',
          type: 'bind',
          source: '/dev/shm',
          options: ['bind', 'rprivate', 'nosuid', 'noexec', 'nodev'],
        },
      ],
    },
  },
  { flags: ['--ipc', 'private'], plan: {} },
  { flags: ['--ipc', 'shareable'], plan: {} },
  { flags: ['--cgroupns', 'private'], plan: { namespaces: [...namespaces, { type: 'cgroup' }] } },
  { flags: ['--cgroupns', 'host'], plan: {} },
  {
    flags: ['--pid', 'host', '--cap-add', 'sys_ptrace'],
    plan: { namespaces: without('pid'), ...caps({ add: ['sys_ptrace'] }) },
  },
  {
    flags: ['--pid', 'ns:/proc/self/ns/pid'],
    plan: {
      namespaces: namespaces.map(entry => (entry.type === 'pid' ? { ...entry, path: '/proc/self/ns/pid' } : entry)),
    },
  },
  {
    flags: ['--ipc', 'ns:/proc/self/ns/ipc'],
    plan: {
      namespaces: namespaces.map(entry => (entry.type === 'ipc' ? { ...entry, path: '/proc/self/ns/ipc' } : entry)),
    },
  },
  {
    flags: ['--uidmap', '0:100000:5000'],
    plan: mapped(5000),
  },
  { flags: ['--uidmap', '0:100000:3'], plan: mapped(3) },
  { flags: ['--uidmap', '0:100000:5000', '--pid', 'host'], plan: mappedWithout('pid') },
  { flags: ['--uidmap', '0:100000:5000', '--user', '1000'], plan: { ...mapped(5000), ...appCaps({}) } },
]

function mapped(size: number): Edit {
  const mappings = [{ containerID: 0, hostID: 100_000, size }]
  return {
    namespaces: [...namespaces, { type: 'user' }],
    uidMappings: mappings,
    gidMappings: mappings,
  }
}

function mappedWithout(type: string): Edit {
  const edit = mapped(5000)
  return { ...edit, namespaces: edit.namespaces?.filter(entry => entry.type !== type) ?? [] }
}

export const mountCases: readonly Case[] = [
  { flags: ['-v', '/tmp:/x'], plan: bind('/x', ['rw', 'rprivate', 'rbind']) },
  { flags: ['-v', '/tmp:/x:ro'], plan: bind('/x', ['ro', 'rprivate', 'rbind']) },
  { flags: ['-v', '/tmp:/x:shared'], plan: bind('/x', ['shared', 'rw', 'rbind']) },
  { flags: ['-v', '/tmp:/x:rslave'], plan: bind('/x', ['rslave', 'rw', 'rbind']) },
  { flags: ['-v', '/tmp:/x:slave,ro'], plan: bind('/x', ['slave', 'ro', 'rbind']) },
  {
    flags: ['-v', '/tmp:/x:rshared,noexec,nosuid,nodev'],
    plan: bind('/x', ['rshared', 'noexec', 'nosuid', 'nodev', 'rw', 'rbind']),
  },
  { flags: ['-v', '/tmp:/x:bind'], plan: bind('/x', ['bind', 'rw', 'rprivate']) },
  {
    flags: ['-v', '/tmp:/a/b/c/d', '-v', '/tmp:/a'],
    plan: {
      mounts: [
        ...(bind('/a/b/c/d', ['rw', 'rprivate', 'rbind']).mounts ?? []),
        { destination: '/a', type: 'bind', source: '/tmp', options: ['rw', 'rprivate', 'rbind'] },
      ],
    },
  },
  { flags: ['-v', '/tmp:/proc/x'], plan: bind('/proc/x', ['rw', 'rprivate', 'rbind']) },
  { flags: ['--tmpfs', '/t'], plan: tmpfs('/t', ['rw', 'rprivate', 'nosuid', 'nodev', 'tmpcopyup']) },
  {
    flags: ['--tmpfs', '/t:size=10m,mode=700'],
    plan: tmpfs('/t', ['size=10m', 'mode=700', 'rw', 'rprivate', 'nosuid', 'nodev', 'tmpcopyup']),
  },
  {
    flags: ['--tmpfs', '/t:ro,noexec'],
    plan: tmpfs('/t', ['ro', 'noexec', 'rprivate', 'nosuid', 'nodev', 'tmpcopyup']),
  },
  {
    flags: ['--tmpfs', '/dev/shm'],
    plan: instead('/dev/shm', ['rw', 'rprivate', 'nosuid', 'nodev', 'tmpcopyup']),
  },
  {
    flags: ['--tmpfs', '/run'],
    // Nothing is bound into a /run that the user mounts.
    plan: instead('/run', ['rw', 'rprivate', 'nosuid', 'nodev', 'tmpcopyup']),
  },
  { flags: ['--mount', 'type=bind,src=/tmp,dst=/x'], plan: bind('/x', ['rw', 'rprivate', 'rbind']) },
  { flags: ['--mount', 'type=bind,src=/tmp,dst=/x,ro'], plan: bind('/x', ['ro', 'rprivate', 'rbind']) },
  {
    flags: ['--mount', 'type=bind,src=/tmp,dst=/x,bind-propagation=shared'],
    plan: bind('/x', ['shared', 'rw', 'rbind']),
  },
  {
    flags: ['--mount', 'type=bind,src=/tmp,dst=/x,bind-nonrecursive'],
    plan: bind('/x', ['bind', 'rw', 'rprivate']),
  },
  {
    flags: ['--mount', 'type=tmpfs,dst=/t,tmpfs-size=10m,tmpfs-mode=1777'],
    plan: tmpfs('/t', ['size=10m', 'mode=1777', 'rw', 'rprivate', 'nosuid', 'nodev', 'tmpcopyup']),
  },
  { flags: ['--mount', 'type=tmpfs,dst=/t,notmpcopyup'], plan: tmpfs('/t', ['rw', 'rprivate', 'nosuid', 'nodev']) },
  { flags: ['--mount', 'type=devpts,dst=/pts'] },
  { flags: ['-v', 'named:/data'], plan: volume('named', ['rw', 'rprivate', 'nosuid', 'nodev', 'rbind']) },
  // Another name for each: the peer, asked for several containers at once, fails where two would make the same volume.
  { flags: ['-v', 'named1:/data:ro'], plan: volume('named1', ['ro', 'rprivate', 'nosuid', 'nodev', 'rbind']) },
  { flags: ['-v', '/data'] },
  {
    flags: ['--mount', 'type=volume,src=named2,dst=/data'],
    plan: volume('named2', ['rw', 'rprivate', 'nosuid', 'nodev', 'rbind']),
  },
  { flags: ['--shm-size', '1m'], plan: {} },
  { flags: ['--read-only'], plan: readOnly('yes') },
  // Newer releases seal /dev too.
  { flags: ['--read-only', '--read-only-tmpfs=false'] },
  { flags: ['--read-only', '--tmpfs', '/run:size=1m'] },
  { flags: ['--systemd', 'always'], plan: systemd() },
  { flags: ['--systemd', 'always', '--read-only'] },
  { flags: ['--systemd', 'false'], plan: {} },
  { flags: ['-v', '/dev:/dev'], plan: mount('/dev', 'bind', '/dev', ['rw', 'rprivate', 'rbind']) },
  { flags: ['-v', '/sys:/sys'], plan: mount('/sys', 'bind', '/sys', ['rw', 'rprivate', 'rbind']) },
]

function readOnly(readOnlyTmpfs: 'yes' | 'no'): Edit {
  // Where /run is a mount of its own, nothing is bound into it.
  const mounts = engineMounts('read-only').filter(({ destination }) => {
    return readOnlyTmpfs === 'no' || !destination.startsWith('/run/')
  })
  return { rootfs: { path: 'ROOT', readonly: 'yes' }, standardMounts: { readOnlyTmpfs }, mounts }
}

function systemd(): Edit {
  return {
    standardMounts: { systemd: 'yes' },
    annotations: { 'io.container.manager': 'libpod', 'org.opencontainers.image.stopSignal': '37' },
    process: { env: env('/root', 'container_uuid=ID32') },
  }
}

export const deviceCases: readonly Case[] = [
  { flags: ['--device', '/dev/null'], plan: { devices: [nullDevice] } },
  { flags: ['--device', '/dev/null:/dev/other'], plan: { devices: [{ ...nullDevice, path: '/dev/other' }] } },
  {
    flags: ['--device', '/dev/null:/dev/other:r'],
    plan: { devices: [{ ...nullDevice, path: '/dev/other', access: 'r' }] },
  },
  { flags: ['--device', '/dev/null:rw'], plan: { devices: [{ ...nullDevice, access: 'rw' }] } },
  {
    flags: ['--device-cgroup-rule', 'c 10:229 rw'],
    plan: { deviceRules: [{ allow: true, type: 'c', major: 10, minor: 229, access: 'rw' }] },
  },
  {
    flags: ['--device-cgroup-rule', 'b 8:* r'],
    plan: { deviceRules: [{ allow: true, type: 'b', major: 8, access: 'r' }] },
  },
  {
    flags: ['--device', '/dev/null', '--device', '/dev/zero'],
    plan: { devices: [nullDevice, { ...nullDevice, path: '/dev/zero', minor: 5 }] },
  },
  {
    flags: ['--uidmap', '0:100000:5000', '--device', '/dev/null:/dev/x'],
    plan: { ...mapped(5000), devices: [{ ...nullDevice, path: '/dev/x' }] },
  },
]

export const resourceCases: readonly Case[] = [
  { flags: ['--memory', '64m'], plan: memory({ limit: 64 << 20, swap: 128 << 20 }) },
  { flags: ['--memory', '64m', '--memory-swap', '64m'], plan: memory({ limit: 64 << 20, swap: 64 << 20 }) },
  { flags: ['--memory', '64m', '--memory-swap', '-1'] },
  { flags: ['--memory', '1g', '--memory-swap', '2g'], plan: memory({ limit: 2 ** 30, swap: 2 ** 31 }) },
  { flags: ['--memory-reservation', '32m'], plan: memory({ reservation: 32 << 20 }) },
  {
    flags: ['--memory', '64m', '--memory-reservation', '32m'],
    plan: memory({ limit: 64 << 20, swap: 128 << 20, reservation: 32 << 20 }),
  },
  { flags: ['--memory-swappiness', '10'], plan: memory({ swappiness: 10 }) },
  {
    flags: ['--memory', '64m', '--oom-kill-disable'],
    plan: memory({ limit: 64 << 20, swap: 128 << 20, disableOOMKiller: true }),
  },
  { flags: ['--cpu-shares', '512'], plan: cpu({ shares: 512 }) },
  { flags: ['--cpus', '0.5'], plan: cpu({ quota: 50_000, period: 100_000 }) },
  { flags: ['--cpus', '1.25'], plan: cpu({ quota: 125_000, period: 100_000 }) },
  { flags: ['--cpu-quota', '20000'], plan: cpu({ quota: 20_000 }) },
  { flags: ['--cpu-period', '50000', '--cpu-quota', '25000'], plan: cpu({ quota: 25_000, period: 50_000 }) },
  { flags: ['--cpuset-cpus', '0'], plan: cpu({ cpus: '0' }) },
  { flags: ['--cpuset-cpus', '0-1', '--cpuset-mems', '0'], plan: cpu({ cpus: '0-1', mems: '0' }) },
  { flags: ['--pids-limit', '50'], plan: { resources: { pids: { limit: 50 } } } },
  { flags: ['--pids-limit', '-1'] },
  { flags: ['--pids-limit', '0'] },
  { flags: ['--blkio-weight', '100'] },
  {
    flags: ['--memory', '64m', '--cpus', '2', '--pids-limit', '10'],
    plan: {
      resources: {
        pids: { limit: 10 },
        memory: { limit: 64 << 20, swap: 128 << 20 },
        cpu: { quota: 200_000, period: 100_000 },
      },
    },
  },
]

export const securityCases: readonly Case[] = [
  {
    flags: ['--security-opt', 'seccomp=unconfined'],
    plan: { seccomp: 'unconfined', annotations: annotated('seccomp', 'unconfined') },
  },
  { flags: ['--security-opt', 'unmask=ALL'], plan: { paths: { unmask: ['ALL'] } } },
  { flags: ['--security-opt', 'unmask=/proc/acpi'], plan: { paths: { unmask: ['/proc/acpi'] } } },
  { flags: ['--security-opt', 'unmask=/proc/acpi:/proc/sys'], plan: { paths: { unmask: ['/proc/acpi:/proc/sys'] } } },
  { flags: ['--security-opt', 'unmask=/proc/*'], plan: { paths: { unmask: ['/proc/*'] } } },
  { flags: ['--security-opt', 'unmask=/sys/*'], plan: { paths: { unmask: ['/sys/*'] } } },
  { flags: ['--security-opt', 'mask=/etc/x:/y'], plan: { paths: { mask: ['/etc/x:/y'] } } },
  {
    flags: ['--security-opt', 'mask=/etc/x', '--security-opt', 'unmask=/proc/kcore'],
    plan: { paths: { mask: ['/etc/x'], unmask: ['/proc/kcore'] } },
  },
  { flags: ['--security-opt', 'proc-opts=hidepid=2'], plan: { standardMounts: { procOptions: ['hidepid=2'] } } },
  { flags: ['--sysctl', 'net.core.somaxconn=128'], plan: { sysctl: sysctl({ 'net.core.somaxconn': '128' }) } },
  { flags: ['--sysctl', 'kernel.msgmax=9000'], plan: { sysctl: sysctl({ 'kernel.msgmax': '9000' }) } },
  {
    flags: ['--sysctl', 'net.ipv4.ping_group_range=0 5'],
    plan: { sysctl: { 'net.ipv4.ping_group_range': '0 5' } },
  },
]

function sysctl(more: Readonly<Record<string, string>>) {
  return { 'net.ipv4.ping_group_range': '0 0', ...more }
}

/** Need the host's devices in the plan. */
export const privilegedCases: readonly Case[] = [
  { flags: ['--privileged'], plan: { privileged: 'yes' } },
  { flags: ['--privileged', '--user', 'app'], plan: { ...appCaps({}), privileged: 'yes' } },
  { flags: ['--privileged', '--cap-drop', 'all'], plan: { ...caps({ drop: ['all'] }), privileged: 'yes' } },
  { flags: ['--privileged', '--cap-add', 'kill'], plan: { ...caps({ add: ['kill'] }), privileged: 'yes' } },
  {
    flags: ['--privileged', '--user', 'app', '--cap-add', 'kill'],
    plan: { ...appCaps({ add: ['kill'] }), privileged: 'yes' },
  },
  { flags: ['--privileged', '--read-only'], plan: { ...readOnly('yes'), privileged: 'yes' } },
  { flags: ['--privileged', '--systemd', 'always'] },
  {
    flags: ['--privileged', '--device', '/dev/null:/dev/other'],
    plan: { privileged: 'yes', devices: [{ ...nullDevice, path: '/dev/other' }] },
  },
  {
    flags: ['--privileged', '--security-opt', 'mask=/etc/x'],
    plan: { privileged: 'yes', paths: { mask: ['/etc/x'] } },
  },
].map(entry => {
  const edit = 'plan' in entry ? (entry.plan as Edit) : undefined
  if (!edit) return { flags: entry.flags }
  return { flags: entry.flags, plan: { ...edit, annotations: annotated('privileged', 'TRUE') } }
})

/** Each option by itself. */
export const singleCases = [
  ...processCases,
  ...capabilityCases,
  ...namespaceCases,
  ...mountCases,
  ...deviceCases,
  ...resourceCases,
  ...securityCases,
  ...privilegedCases,
]

/** Where we differ on purpose, with the reason. A test sees that each still differs. */
export const meant: Readonly<Record<string, string>> = {
  '--privileged --device /dev/null:/dev/other':
    'Podman ignores --device beside --privileged; a node of another name is worth making',
  '--user app --group-add tty --group-add 77 --cap-add all --cap-drop sys_admin':
    'Podman makes a dropped capability effective for a user other than root, outside of the bounding set',
  '--user 4321 --read-only':
    'passwd and group files for a user without entry are bound by the engine, not by the spec generator',
}

/** Cases of two groups in one, where their plans touch different things. */
function combined(first: readonly Case[], second: readonly Case[], step: number): readonly Case[] {
  return first.flatMap((one, at) => {
    const other = second[(at * step) % second.length]
    const plan = other && merged(one.plan, other.plan)
    return other && plan ? [{ flags: [...one.flags, ...other.flags], plan }] : []
  })
}

function merged(one: Edit | undefined, other: Edit | undefined): Edit | undefined {
  if (!one || !other || !disjoint(one, other) || !disjoint(one.process ?? {}, other.process ?? {})) return undefined
  return { ...one, ...other, process: { ...one.process, ...other.process } }
}

const disjoint = (one: object, other: object) => Object.keys(one).every(key => key === 'process' || !(key in other))

export const allCases = [
  ...singleCases,
  ...combined(processCases, capabilityCases, 3),
  ...combined(processCases, mountCases, 5),
  ...combined(capabilityCases, resourceCases, 2),
  ...combined(namespaceCases, deviceCases, 1),
  ...combined(resourceCases, securityCases, 3),
  ...combined(mountCases, resourceCases, 7),
]
