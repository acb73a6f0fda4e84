import type { ContainerId } from '../containers/containers.ts'
import { ifEnded, ifGone } from '../containers/gone.ts'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerSpec } from '../spec/container.ts'
import { infraRoot } from './infra.ts'
import { membersOf, podStatus } from './members.ts'
import type { PodRooms } from './rooms.ts'
import { type PodRecord, PodTable } from './table.ts'

/** What the container is made of that runs as long as any of its pods does, so that one process stands for all of them. */
export function serviceSpec(
  rooms: Pick<PodRooms, 'options' | 'config'>,
  name: string,
  exitCodes: NonNullable<ContainerSpec['service']>['exitCodes'],
): ContainerSpec {
  const { path, command, program } = infraRoot(rooms)
  if (program !== 'catatonit')
    throw new LibpodError('UNSUPPORTED', 'a service container needs catatonit', { hint: 'install catatonit' })
  return {
    name,
    service: { exitCodes },
    rootfs: { path, overlay: 'none' },
    process: { entrypoint: command, stopSignal: 'SIGINT' },
    mounts: { rootfs: { readonly: 'yes' } },
    network: { mode: { kind: 'none' } },
    log: { driver: 'none' },
    sdnotify: 'ignore',
  }
}

const podsOf = ({ state }: Pick<PodRooms, 'state'>, service: string): readonly PodRecord[] =>
  new PodTable(state.database).all().filter(({ config }) => config.spec.service === service)

/** Before a pod runs its service does. */
export async function startService(
  { containers, state }: PodRooms,
  { config: { spec } }: PodRecord,
  call: Call,
): Promise<void> {
  if (spec.service === undefined) return
  await containers.start(state.containers.find(spec.service).id, call)
}

/** Ends the service of a pod that has ended, unless another of its pods has not: by itself, or as what failed. */
export async function endService(rooms: PodRooms, { config: { spec } }: PodRecord): Promise<void> {
  const service = spec.service === undefined ? undefined : rooms.state.containers.byId(spec.service)
  if (!service) return
  const codes: (number | undefined)[] = []
  for (const pod of podsOf(rooms, service.id)) {
    const members = await membersOf(rooms, pod)
    if (!['Exited', 'Stopped', 'Error'].includes(podStatus(members))) return
    const own = members.filter(({ infra }) => infra === 'no')
    codes.push(...own.map(({ id }) => rooms.state.containers.byId(id)?.status.exitCode))
  }
  const failed = codes.filter(code => code !== 0)
  const { exitCodes } = service.config.spec.service ?? {}
  const fails = exitCodes === 'any' ? failed.length > 0 : exitCodes === 'all' && failed.length === codes.length
  const ended = fails ? rooms.containers.kill(service.id, 'SIGKILL') : rooms.containers.stop(service.id)
  await ended.catch(ifEnded)
}

/** Removes the service of a pod that is gone, with the last of its pods. */
export async function removeService(rooms: PodRooms, { config: { spec } }: PodRecord): Promise<void> {
  if (spec.service === undefined || podsOf(rooms, spec.service).length > 0) return
  await rooms.containers.remove(spec.service, { running: 'kill' }).catch(ifGone)
}

/** Without its service no pod stays. The ids of what went. @throws LibpodError CONTAINER_IN_USE */
export async function removePodsOf(
  rooms: PodRooms,
  service: string,
  {
    dependents = 'refuse',
    ...how
  }: { readonly dependents?: 'refuse' | 'remove'; readonly running?: 'refuse' | 'kill' },
): Promise<readonly ContainerId[]> {
  const pods = podsOf(rooms, service)
  if (pods.length > 0 && dependents === 'refuse') {
    const ids = pods.map(({ id }) => id).join(',')
    const text = `container ${service} is the service container of pod(s) ${ids} and cannot be removed without removing the pod(s)`
    throw new LibpodError('CONTAINER_IN_USE', text, { subject: service })
  }
  const { removePod } = await import('./remove.ts')
  const removed: ContainerId[] = []
  for (const { id } of pods) removed.push(...((await removePod(rooms, id, how)) as readonly ContainerId[]))
  return removed
}
