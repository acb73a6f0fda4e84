import { LibpodError } from '../errors.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { SecuritySpec } from '../spec/security.ts'
import type { ContainerRecord } from '../state/container.ts'
import { isRunning } from './liveness.ts'
import { known } from './referred.ts'

/** The pids of the containers whose namespaces this one joins, by the name it was told. @throws LibpodError CONTAINER_STATE */
export function pidsOfJoined(
  rooms: Pick<Rooms, 'state' | 'options' | 'host'>,
  { config }: ContainerRecord,
): ReadonlyMap<string, number> {
  const modes = [config.spec.network?.mode, ...Object.values(config.spec.security?.namespaces ?? {})]
  const names = modes.flatMap(mode => (mode?.kind === 'container' ? [mode.container] : []))
  return new Map(names.map(name => [name, pidOf(rooms, name)]))
}

/** The container to which the network is that a container has: itself, or the last of those that it joins. */
export function networkOwner({ state }: Pick<Rooms, 'state'>, record: ContainerRecord): ContainerRecord {
  const mode = record.config.spec.network?.mode
  const joined = mode?.kind === 'container' ? state.containers.byId(mode.container) : undefined
  return joined ? networkOwner({ state }, joined) : record
}

function pidOf(rooms: Pick<Rooms, 'state' | 'options' | 'host'>, name: string): number {
  const record = rooms.state.containers.find(name)
  const pid = isRunning(rooms, record) ? record.status.process?.pid : undefined
  if (pid !== undefined) return pid
  throw new LibpodError(
    'CONTAINER_STATE',
    `cannot get namespace path unless container ${record.id} is running: container is stopped`,
    { subject: record.name },
  )
}

/**
 * A spec that names the containers whose namespaces it joins by their ids, which a rename does not change.
 * @throws LibpodError CONTAINER_UNKNOWN, SPEC_INVALID when one keeps its IPC namespace for itself
 */
export function resolveJoined({ state }: Pick<Rooms, 'state'>, spec: ContainerSpec): ContainerSpec {
  const mode = spec.network?.mode
  const namespaces = spec.security?.namespaces
  const byId = <M extends { readonly kind: string; readonly container?: string }>(one: M, space: string): M =>
    one.kind === 'container' ? { ...one, container: sharedWith(one.container ?? '', space).id } : one
  const sharedWith = (name: string, space: string) =>
    known({ state }, name, `looking up container to share ${space} namespace with`)
  if (namespaces?.ipc?.kind === 'container') refusePrivateIpc(sharedWith(namespaces.ipc.container, 'ipc'))
  const resolved = Object.entries(namespaces ?? {}).map(([name, one]) => [name, byId(one, name)] as const)
  return {
    ...spec,
    ...(mode ? { network: { ...spec.network, mode: byId(mode, 'net') } } : {}),
    ...(namespaces
      ? { security: { ...spec.security, namespaces: Object.fromEntries(resolved) as SecuritySpec['namespaces'] & {} } }
      : {}),
  }
}

function refusePrivateIpc({ id, config }: ContainerRecord): void {
  const kind = config.spec.security?.namespaces?.ipc?.kind
  if (kind !== 'private' && kind !== 'none') return
  const hint = 'non-shareable IPC (hint: use IpcMode:shareable for the donor container)'
  throw new LibpodError('SPEC_INVALID', `joining IPC of container ${id} is not allowed: ${hint}`, { subject: id })
}
