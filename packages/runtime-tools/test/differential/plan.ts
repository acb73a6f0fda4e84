import type { Mount, PlannedDevice, SpecHost, SpecPlan } from '../../src/index.ts'

export type Edit = Partial<Omit<SpecPlan, 'process'>> & { readonly process?: Partial<SpecPlan['process']> }

/** The flags that every case has: what depends on the host's configuration is given. */
export const commonFlags = ['--network', 'none', '--ulimit', 'nofile=100:100', '--ulimit', 'nproc=100:100']

const file = (destination: string, source: string, options: readonly string[] = []): Mount => {
  return { destination, type: 'bind', source, options: ['bind', 'rprivate', ...options] }
}

/** What an engine binds into each container. */
export function engineMounts(root: 'writable' | 'read-only' = 'writable'): readonly Mount[] {
  const more = root === 'writable' ? [] : ['ro', 'nosuid', 'noexec', 'nodev']
  return [
    file('/etc/hostname', 'RUN/hostname', more),
    file('/etc/hosts', 'RUN/hosts', more),
    file('/dev/shm', 'DATA/shm', ['nosuid', 'noexec', 'nodev']),
    file('/run/.containerenv', 'RUN/.containerenv', more),
  ]
}

export const namespaces = ['pid', 'network', 'ipc', 'uts', 'mount'].map(type => ({ type })) as SpecPlan['namespaces']
export const without = (type: string) => namespaces.filter(entry => entry.type !== type)

export const env = (home = '/root', ...more: readonly string[]) => [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'TERM=xterm',
  'container=podman',
  `HOME=${home}`,
  'HOSTNAME=ID12',
  ...more,
]

export const nullDevice: PlannedDevice = {
  path: '/dev/null',
  type: 'c',
  major: 1,
  minor: 3,
  fileMode: 0o666,
  uid: 0,
  gid: 0,
}

/** The plan of `podman create` with {@link commonFlags} alone, and a case's changes to it. */
export function planOf(edit: Edit, host: SpecHost): SpecPlan {
  const { process, ...rest } = edit
  return {
    id: 'ID',
    hostname: 'ID12',
    rootfs: { path: 'ROOT', readonly: 'no' },
    namespaces,
    mounts: engineMounts(),
    cgroupsPath: '/libpod_parent/libpod-ID',
    sysctl: { 'net.ipv4.ping_group_range': '0 0' },
    resources: { pids: { limit: 2048 } },
    annotations: { 'io.container.manager': 'libpod', 'org.opencontainers.image.stopSignal': '15' },
    host,
    ...rest,
    process: {
      args: ['sleep', '1'],
      cwd: '/',
      env: env(),
      terminal: 'no',
      user: { uid: 0, gid: 0, umask: 0o022 },
      rlimits: [
        { type: 'nofile', soft: 100, hard: 100 },
        { type: 'nproc', soft: 100, hard: 100 },
      ],
      ...process,
    },
  }
}
