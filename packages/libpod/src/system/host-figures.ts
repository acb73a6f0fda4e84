import { existsSync } from 'node:fs'
import { readText } from '../host/read-text.ts'
import { parseIdMap } from '../plan/id-ranges.ts'

/** Bytes of memory and swap (proc_meminfo(5)). */
export function memory(text = readText('/proc/meminfo')) {
  const bytes = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) * 1024
  return {
    memFree: bytes('MemFree'),
    memTotal: bytes('MemTotal'),
    swapFree: bytes('SwapFree'),
    swapTotal: bytes('SwapTotal'),
  }
}

/** Shares of the processors' time since the boot, in percent (proc_stat(5)). */
export function cpuUtilization(text = readText('/proc/stat')) {
  const numbers = (/^cpu\s+(.*)$/m.exec(text)?.[1] ?? '').split(/\s+/).map(Number)
  const [user = 0, nice = 0, system = 0, idle = 0] = numbers
  const total = user + nice + system + idle || 1
  const percent = (part: number): number => Math.round((part / total) * 10_000) / 100
  return { userPercent: percent(user), systemPercent: percent(system), idlePercent: percent(idle) }
}

/** os-release(5). */
export function distribution(text = readText('/etc/os-release') || readText('/usr/lib/os-release')) {
  const value = (key: string): string =>
    (new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1] ?? '').replace(/^(["'])(.*)\1$/, '$2')
  const optional = { codename: value('VERSION_CODENAME'), variant: value('VARIANT_ID') }
  return {
    distribution: value('ID') || 'unknown',
    version: value('VERSION_ID') || 'unknown',
    ...(optional.codename && { codename: optional.codename }),
    ...(optional.variant && { variant: optional.variant }),
  }
}

/** How long the host runs, as Podman words it. */
export function uptime(text = readText('/proc/uptime')): string {
  const seconds = Number.parseFloat(text) || 0
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60]
  const days = seconds / 86_400
  const parts = [
    ...(hours > 0 ? [`${hours}h`] : []),
    ...(hours > 0 || minutes > 0 ? [`${minutes}m`] : []),
    `${rest.toFixed(2)}s`,
  ]
  return days < 1 / 24 ? parts.join(' ') : `${parts.join(' ')} (Approximately ${days.toFixed(2)} days)`
}

export const kernel = (): string => readText('/proc/sys/kernel/osrelease').trim()

/** Control group controllers that the engine can use. */
export function cgroupControllers(version: 'v1' | 'v2'): readonly string[] {
  if (version === 'v2') return readText('/sys/fs/cgroup/cgroup.controllers').trim().split(' ').filter(Boolean)
  return readText('/proc/cgroups')
    .split('\n')
    .slice(1)
    .flatMap(line => {
      const [name = '', hierarchy, , enabled] = line.split('\t')
      return name !== '' && hierarchy !== '0' && enabled === '1' ? [name] : []
    })
}

export const appArmor = (): boolean => readText('/sys/module/apparmor/parameters/enabled').startsWith('Y')

export const seLinux = (): boolean => existsSync('/sys/fs/selinux/enforce')

export const seccomp = (): boolean => /^Seccomp:/m.test(readText('/proc/self/status'))

/** The first of some paths that exists. */
export const firstExisting = (paths: readonly string[]): string => paths.find(path => existsSync(path)) ?? ''

/** The user namespace's maps, null in the first one. */
export function idMappings(rootless: 'yes' | 'no') {
  if (rootless === 'no') return { gidmap: null, uidmap: null }
  const rowsOf = (file: string) =>
    parseIdMap(readText(file)).map(({ containerId, hostId, size }) => ({
      container_id: containerId,
      host_id: hostId,
      size,
    }))
  return { gidmap: rowsOf('/proc/self/gid_map'), uidmap: rowsOf('/proc/self/uid_map') }
}
