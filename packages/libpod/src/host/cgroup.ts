import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a process's cgroup has used: nanoseconds, bytes, processes. Works on v1, hybrid and v2 hosts. */
export interface CgroupUsage {
  readonly cpuNano: number
  readonly systemNano: number
  readonly memoryUsage: number
  /** 0: none. */
  readonly memoryLimit: number
  readonly pids: number
  readonly blockInput: number
  readonly blockOutput: number
}

/** Undefined when the process is gone. */
export function cgroupUsage(pid: number): CgroupUsage | undefined {
  const text = read(`/proc/${pid}/cgroup`)
  if (text === undefined) return undefined
  const groups = parseCgroups(text)
  return groups.has('memory') || groups.has('cpuacct') ? usageV1(groups) : usageV2(groups.get('') ?? '/')
}

/** The path of each controller's cgroup; `''` is v2's (cgroups(7), /proc/PID/cgroup). */
export function parseCgroups(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const line of text.trim().split('\n')) {
    const [, controllers = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    for (const controller of controllers.split(',')) found.set(controller, path)
  }
  return found
}

/** Where a hierarchy of /proc/PID/cgroup is mounted; `only`: there is no other. */
export function hierarchyMount(controllers: string, only: boolean): string {
  if (controllers !== '') return join('/sys/fs/cgroup', controllers.replace(/^name=/, ''))
  return only ? '/sys/fs/cgroup' : '/sys/fs/cgroup/unified'
}

function usageV1(groups: ReadonlyMap<string, string>): CgroupUsage {
  const file = (controller: string, name: string): string =>
    read(join('/sys/fs/cgroup', controller, groups.get(controller) ?? '/', name)) ?? ''
  const stat = keyed(file('cpuacct', 'cpuacct.stat'))
  const blocks = transfers(file('blkio', 'blkio.throttle.io_service_bytes_recursive'))
  const memory = keyed(file('memory', 'memory.stat'))
  return {
    cpuNano: Number(file('cpuacct', 'cpuacct.usage')),
    systemNano: (stat.get('system') ?? 0) * 10_000_000,
    memoryUsage: Math.max(
      0,
      Number(file('memory', 'memory.usage_in_bytes')) - (memory.get('total_inactive_file') ?? 0),
    ),
    memoryLimit: limitOf(file('memory', 'memory.limit_in_bytes')),
    pids: Number(file('pids', 'pids.current')),
    ...blocks,
  }
}

function usageV2(path: string): CgroupUsage {
  const file = (name: string): string => read(join('/sys/fs/cgroup', path, name)) ?? ''
  const cpu = keyed(file('cpu.stat'))
  const memory = keyed(file('memory.stat'))
  return {
    cpuNano: (cpu.get('usage_usec') ?? 0) * 1000,
    systemNano: (cpu.get('system_usec') ?? 0) * 1000,
    memoryUsage: Math.max(0, Number(file('memory.current')) - (memory.get('inactive_file') ?? 0)),
    memoryLimit: limitOf(file('memory.max')),
    pids: Number(file('pids.current')),
    ...totals(file('io.stat')),
  }
}

/** v1 writes the largest multiple of a page for "none", v2 the word. */
const limitOf = (text: string): number => {
  const limit = Number(text)
  return Number.isFinite(limit) && limit < 2 ** 62 ? limit : 0
}

const keyed = (text: string): ReadonlyMap<string, number> =>
  new Map(text.split('\n').map(line => [line.split(' ', 1)[0] ?? '', Number(line.split(' ')[1])] as const))

/** `8:0 Read 4096`. */
function transfers(text: string): Pick<CgroupUsage, 'blockInput' | 'blockOutput'> {
  const sum = (verb: string) =>
    [...text.matchAll(new RegExp(`^\\S+ ${verb} (\\d+)$`, 'gm'))].reduce((total, [, bytes]) => total + Number(bytes), 0)
  return { blockInput: sum('Read'), blockOutput: sum('Write') }
}

/** `8:0 rbytes=4096 wbytes=0 …`. */
function totals(text: string): Pick<CgroupUsage, 'blockInput' | 'blockOutput'> {
  const sum = (key: string) =>
    [...text.matchAll(new RegExp(`\\b${key}=(\\d+)`, 'g'))].reduce((total, [, bytes]) => total + Number(bytes), 0)
  return { blockInput: sum('rbytes'), blockOutput: sum('wbytes') }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch {
    return undefined
  }
}
