import type { ContainerState } from '../containers/containers.ts'
import type { PodRooms } from './rooms.ts'
import { type PodRecord, PodTable } from './table.ts'

/** A container of a pod as it is now. */
export interface Member {
  readonly id: string
  readonly name: string
  readonly state: ContainerState
  readonly infra: 'yes' | 'no'
  /** Ends before the others begin. */
  readonly init: 'no' | 'always' | 'once'
  /** By its restart policy. */
  readonly restarts: number
  /** Milliseconds since the epoch. */
  readonly created: number
}

/** Pods with their containers, from one look at the list of containers. */
export async function membersByPod(rooms: PodRooms): Promise<ReadonlyMap<string, readonly Member[]>> {
  const containers = await rooms.containers.list({ which: 'all' })
  const inPods = containers.flatMap(({ id, names, state, infra }) => {
    const record = rooms.state.containers.byId(id)
    if (record?.config.podId === undefined) return []
    const { initContainer: init = 'no' } = record.config.spec
    const member: Member = {
      id,
      name: names[0] ?? '',
      state,
      infra,
      init,
      restarts: record.status.restarts,
      created: record.created,
    }
    return [{ pod: record.config.podId, member }]
  })
  const groups = Map.groupBy(inPods, ({ pod }) => pod)
  return new Map([...groups].map(([pod, each]) => [pod, each.map(({ member }) => member)]))
}

export async function membersOf(rooms: PodRooms, pod: PodRecord): Promise<readonly Member[]> {
  return (await membersByPod(rooms)).get(pod.id) ?? []
}

export const findPod = (rooms: Pick<PodRooms, 'state'>, name: string): PodRecord =>
  new PodTable(rooms.state.database).find(name)

/** What a pod's containers together are called (podman-pod-ps(1)); those that are to end before the others do not count. */
export function podStatus(all: readonly Pick<Member, 'state' | 'init'>[]): string {
  const members = all.filter(({ init }) => init === 'no')
  const count = (...states: readonly ContainerState[]): number =>
    members.filter(({ state }) => states.includes(state)).length
  const total = members.length
  const [running, paused] = [count('running', 'stopping'), count('paused')]
  const stopped = count('exited', 'stopped')
  if (total === 0) return 'Created'
  if (running === total) return 'Running'
  if (running > 0) return 'Degraded'
  if (paused === total) return 'Paused'
  if (stopped === total) return 'Exited'
  if (stopped > 0) return 'Stopped'
  return count('unknown', 'removing') > 0 ? 'Error' : 'Created'
}
