import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { LibpodError } from '../errors.ts'
import { cgroupUsage } from '../host/cgroup.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'
import type { ContainerStats } from './containers.ts'
import { isRunning } from './liveness.ts'

/** What running containers use at this moment; those that do not run use nothing. @throws LibpodError CONTAINER_UNKNOWN; CONTAINER_STATE of one without a control group; UNSUPPORTED where a plain user's have no control groups */
export function containerStats(
  rooms: Pick<Rooms, 'options' | 'state' | 'host'>,
  names: readonly string[],
): readonly ContainerStats[] {
  if (rooms.host.uid !== 0 && rooms.host.cgroups !== 'v2')
    throw new LibpodError('UNSUPPORTED', 'stats is not supported in rootless mode without cgroups v2')
  return names.map(name => statsOf(rooms, rooms.state.containers.find(name)))
}

function statsOf(rooms: Pick<Rooms, 'options' | 'host'>, record: ContainerRecord): ContainerStats {
  const { id, name, status, config } = record
  if (config.spec.resources?.cgroups === 'disabled') {
    const reason = 'as it did not create a cgroup: this container does not have a cgroup'
    throw new LibpodError('CONTAINER_STATE', `cannot run top on container ${id} ${reason}`, { subject: name })
  }
  const pid = isRunning(rooms, record) ? status.process?.pid : undefined
  const usage = pid === undefined ? undefined : cgroupUsage(pid)
  if (pid === undefined || usage === undefined) return { id, name, ...nothing }
  // A process that waits to be started has used some already, but has not been up.
  const upTimeNano = status.startedAt === undefined ? 0 : Math.max(1, (Date.now() - status.startedAt) * 1e6)
  return {
    id,
    name,
    ...usage,
    memoryLimit: usage.memoryLimit || totalmem(),
    cpuPercent: upTimeNano > 0 ? (usage.cpuNano / upTimeNano) * 100 : 0,
    networks: status.netns ? interfaces(pid) : {},
    upTimeNano,
  }
}

const nothing = {
  cpuNano: 0,
  systemNano: 0,
  cpuPercent: 0,
  memoryUsage: 0,
  memoryLimit: 0,
  pids: 0,
  networks: {},
  blockInput: 0,
  blockOutput: 0,
  upTimeNano: 0,
}

/** Traffic by interface, seen from inside; the loopback left out (proc(5), /proc/net/dev). */
function interfaces(pid: number): ContainerStats['networks'] {
  try {
    return parseInterfaces(readFileSync(`/proc/${pid}/net/dev`, 'latin1'))
  } catch {
    return {}
  }
}

export function parseInterfaces(text: string): ContainerStats['networks'] {
  const lines = text.split('\n').slice(2).filter(Boolean)
  const all = lines.map(line => {
    const [name = '', figures = ''] = line.split(':')
    const columns = figures.trim().split(/\s+/).map(Number)
    const [rxBytes = 0, rxPackets = 0, rxErrors = 0, rxDropped = 0] = columns
    const [txBytes = 0, txPackets = 0, txErrors = 0, txDropped = 0] = columns.slice(8)
    const traffic = { rxBytes, rxPackets, rxErrors, rxDropped, txBytes, txPackets, txErrors, txDropped }
    return [name.trim(), traffic] as const
  })
  return Object.fromEntries(all.filter(([name]) => name !== 'lo'))
}
