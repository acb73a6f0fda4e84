import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LibpodError } from '../errors.ts'
import { blockDevice } from '../host/block-device.ts'
import { type LimitFile, limitFilesV1, limitFilesV2 } from '../host/cgroup-limits.ts'
import { planResources } from '../plan/resources.ts'
import type { Rooms } from '../rooms.ts'
import { type PodRecord, PodTable } from './table.ts'

type LimitRooms = Pick<Rooms, 'options' | 'host'>

const root = '/sys/fs/cgroup'

/**
 * Makes a pod's control group with its limits, which are everybody's in it together. Safe twice: a pod that stops takes its
 * group along, and the next start makes it again. systemd makes its slices itself.
 * @throws LibpodError SPEC_INVALID for limits that the host does not know
 */
export function limitPod({ options, host }: LimitRooms, { name, config }: PodRecord): void {
  const { cgroupParent: _, ...limits } = config.spec.resources ?? {}
  if (Object.keys(limits).length === 0 || options.cgroupManager !== 'cgroupfs' || config.cgroup === '') return
  const planned = planResources(limits, { pidsLimit: 0 }, blockDevice)
  const files = host.cgroups === 'v2' ? limitFilesV2(planned) : limitFilesV1(planned)
  try {
    for (const file of files) write(file, placeOf(file, config.cgroup, host.cgroups))
  } catch (cause) {
    throw new LibpodError('SPEC_INVALID', `cannot limit pod ${name}: ${(cause as Error).message}`, {
      subject: name,
      cause,
    })
  }
}

/** The same before a container of it starts. */
export function limitPodOf(rooms: LimitRooms & Pick<Rooms, 'state'>, podId: string): void {
  const pod = new PodTable(rooms.state.database).byId(podId)
  if (pod) limitPod(rooms, pod)
}

function placeOf({ controller }: LimitFile, cgroup: string, version: LimitRooms['host']['cgroups']): string {
  const hierarchy = version === 'v2' ? root : join(root, controller)
  const directory = join(hierarchy, cgroup)
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  if (version === 'v2') enable(controller, cgroup)
  else if (controller === 'cpuset') inherit(directory, hierarchy)
  return directory
}

function write({ names, value }: LimitFile, directory: string): void {
  const present = names.find(name => existsSync(join(directory, name))) ?? names[0] ?? ''
  writeFileSync(join(directory, present), value)
}

/** v2: a group has the files of a controller when those above it hand it down. */
function enable(controller: string, cgroup: string): void {
  const above = cgroup.split('/').filter(Boolean).slice(0, -1)
  for (let depth = 0; depth <= above.length; depth++)
    writeFileSync(join(root, ...above.slice(0, depth), 'cgroup.subtree_control'), `+${controller}`)
}

/** v1: a new cpuset is empty, and takes neither a part of what the one above has not, nor a process. */
function inherit(directory: string, hierarchy: string): void {
  if (directory === hierarchy) return
  const above = dirname(directory)
  inherit(above, hierarchy)
  for (const name of ['cpuset.cpus', 'cpuset.mems'])
    if (readFileSync(join(directory, name), 'latin1').trim() === '')
      writeFileSync(join(directory, name), readFileSync(join(above, name), 'latin1').trim())
}
