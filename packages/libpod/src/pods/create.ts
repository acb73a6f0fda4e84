import { inventName, newContainerId } from '../containers/names.ts'
import { LibpodError } from '../errors.ts'
import { fitLimits } from '../host/limits.ts'
import type { Call } from '../spec/call.ts'
import type { PodSpec } from '../spec/pod.ts'
import { podCgroup, removePodCgroup } from './cgroup.ts'
import { infraSpec } from './infra.ts'
import { limitPod } from './limits.ts'
import type { PodRooms } from './rooms.ts'
import { hasOwnUsers, type PodRecord, PodTable, type Shared } from './table.ts'

const usualShares: readonly Shared[] = ['ipc', 'net', 'uts']

/** Makes a pod and, unless told otherwise, the container that holds its namespaces. @throws LibpodError NAME_IN_USE, NAME_INVALID, SPEC_INVALID */
export async function createPod(
  rooms: PodRooms,
  spec: PodSpec,
  call: Call = {},
): Promise<{ readonly id: string; readonly warnings: readonly string[] }> {
  if (spec.name !== undefined && spec.onNameConflict === 'replace') await removeOld(rooms, spec.name)
  const { resources, warnings: discarded } = fitLimits(spec.resources ?? {}, rooms.host)
  const table = new PodTable(rooms.state.database)
  const pod = insert(table, () => plan(rooms, spec.resources ? { ...spec, resources } : spec), spec.name)
  try {
    limitPod(rooms, pod)
  } catch (error) {
    table.delete(pod.id)
    await removePodCgroup(rooms.options, pod.config.cgroup)
    throw error
  }
  const warnings = pod.config.infra === 'yes' ? await addInfra(rooms, pod, call) : []
  await rooms.events.write({ type: 'pod', status: 'create', id: pod.id, name: pod.name, attributes: spec.labels ?? {} })
  return { id: pod.id, warnings: [...discarded, ...warnings] }
}

async function removeOld(rooms: PodRooms, name: string): Promise<void> {
  const { removePod } = await import('./remove.ts')
  await removePod(rooms, name, { running: 'kill', timeout: 0 }).catch((error: unknown) => {
    if (!(error instanceof LibpodError && error.code === 'POD_UNKNOWN')) throw error
  })
}

/** Whoever asked for no name gets another when the one that was invented is somebody's. */
function insert(table: PodTable, plan: () => PodRecord, asked: string | undefined): PodRecord {
  for (;;) {
    const pod = plan()
    try {
      table.insert(pod)
      return pod
    } catch (error) {
      if (asked !== undefined || !(error instanceof LibpodError && error.code === 'NAME_IN_USE')) throw error
    }
  }
}

function plan(rooms: PodRooms, spec: PodSpec): PodRecord {
  const id = newContainerId()
  const name = checkName(spec.name ?? inventName())
  const shares = spec.infra === 'no' ? [] : sharesOf(spec)
  const infra: 'yes' | 'no' = shares.length > 0 ? 'yes' : 'no' // nothing shared is nothing to hold
  const { exitPolicy = 'continue', hostname = name } = spec
  const config = {
    spec,
    hostname,
    shares,
    infra,
    exitPolicy,
    cgroup: podCgroup(rooms.options, spec.resources?.cgroupParent, id),
  }
  return { id, name, created: Date.now(), config, infraId: '' }
}

/** A user namespace of the pod's own is everybody's in it. */
function sharesOf({ share = usualShares, security }: PodSpec): readonly Shared[] {
  return hasOwnUsers(security) && !share.includes('user') ? [...share, 'user'] : share
}

function checkName(name: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) return name
  throw new LibpodError('NAME_INVALID', 'names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument', {
    subject: name,
  })
}

/** Without its infra container there is no pod. */
async function addInfra(rooms: PodRooms, pod: PodRecord, call: Call): Promise<readonly string[]> {
  const table = new PodTable(rooms.state.database)
  try {
    const { id, warnings } = await rooms.containers.create(
      infraSpec(rooms, pod),
      call.signal ? { signal: call.signal } : {},
    )
    table.setInfra(pod.id, id)
    return warnings
  } catch (error) {
    table.delete(pod.id)
    await removePodCgroup(rooms.options, pod.config.cgroup)
    throw error
  }
}
