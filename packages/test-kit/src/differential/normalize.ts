/**
 * The differences from Podman 4.3.1 that are meant, each with its reason. What they touch is taken out of both sides;
 * everything else must be equal.
 */
export function normalize(spec: unknown, defaultMaskedPaths: readonly string[]): unknown {
  const copy = structuredClone(spec) as Mutable
  // We write the lowest version that has every field used.
  delete copy.ociVersion
  // The filter is compared by verdict in seccomp.interop.test.ts; here only whether there is one.
  if (copy.linux.seccomp) copy.linux.seccomp = 'filtered'
  // Newer releases mask two more, and /sys/dev/block no more.
  if (copy.linux.maskedPaths) {
    const hidden = copy.linux.maskedPaths.filter(path => path !== '/sys/dev/block')
    copy.linux.maskedPaths = withNewer(hidden, defaultMaskedPaths)
  }
  copy.linux.maskedPaths?.sort()
  copy.linux.readonlyPaths?.sort()
  // 4.3.1 puts the file type into the mode of a device; the runtime wants permission bits.
  for (const device of copy.linux.devices ?? []) device.fileMode &= 0o7777
  copy.linux.devices?.sort((a, b) => (a.path < b.path ? -1 : 1))
  // Podman takes the second from the engine's configuration; newer releases say more of what was asked for.
  for (const [key, value] of Object.entries(copy.annotations ?? {})) {
    if (value === 'FALSE' || key.startsWith('io.kubernetes.cri-o.') || isNewer(key)) delete copy.annotations?.[key]
  }
  // Newer releases let programs below /dev be run, and say of no mount that it may be written.
  for (const mount of copy.mounts) {
    if (mount.options) mount.options = mount.options.filter(option => option !== 'rw')
    if (mount.destination === '/dev' && mount.type === 'tmpfs' && mount.options)
      mount.options = mount.options.filter(option => option !== 'noexec')
  }
  // Nothing said and an empty object mean the same.
  const { resources } = copy.linux
  if (resources?.blockIO && Object.keys(resources.blockIO).length === 0) delete resources.blockIO
  // 4.3.1 sets TERM without a terminal too, and no HOME where the user has none.
  const unmeant = new Set(['TERM=xterm', 'HOME=/'])
  if (copy.process.env) copy.process.env = copy.process.env.filter(line => !unmeant.has(line)).sort()
  copy.process.rlimits?.sort((a, b) => (a.type < b.type ? -1 : 1))
  // Podman lists the primary group only beside others; the list means the same with it.
  const { user } = copy.process
  const groups = new Set([...(user.additionalGids ?? []), user.gid])
  user.additionalGids = [...groups].sort((a, b) => a - b)
  // Sets, whatever the order: mounts by destination, namespaces by type, and the options of a mount.
  for (const mount of copy.mounts) mount.options?.sort()
  const linux = {
    ...copy.linux,
    namespaces: Object.fromEntries(copy.linux.namespaces.map(entry => [entry.type, entry])),
  }
  return { ...copy, mounts: Object.fromEntries(copy.mounts.map(mount => [mount.destination, mount])), linux }
}

const isNewer = (annotation: string): boolean =>
  /^(?:org\.systemd\.property\.|io\.podman\.annotations\.(?:cpuset|memory-nodes|pids-limit|userns)$)/.test(annotation)

interface Mutable {
  ociVersion?: string
  annotations?: Record<string, string>
  mounts: { destination: string; type?: string; options?: string[] }[]
  process: {
    env?: string[]
    rlimits?: { type: string }[]
    user: { gid: number; additionalGids?: number[] }
  }
  linux: {
    namespaces: { type: string }[]
    seccomp?: unknown
    resources?: { blockIO?: object }
    maskedPaths?: string[]
    readonlyPaths?: string[]
    devices?: { path: string; fileMode: number }[]
  }
}

const newer = ['/proc/interrupts', '/sys/devices/virtual/powercap']

function withNewer(paths: readonly string[], defaultMaskedPaths: readonly string[]): string[] {
  const untouched = defaultMaskedPaths.filter(path => !newer.includes(path)).every(path => paths.includes(path))
  return untouched ? [...new Set([...paths, ...newer])] : paths.filter(path => !newer.includes(path))
}
