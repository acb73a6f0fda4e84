import type { ContainerId } from '../containers/containers.ts'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import { removePodCgroup } from './cgroup.ts'
import { findPod, type Member, membersByPod, membersOf, podStatus } from './members.ts'
import type { PodRooms } from './rooms.ts'
import { removeService } from './services.ts'
import { type PodRecord, PodTable } from './table.ts'

type Options = { readonly running?: 'refuse' | 'kill'; readonly timeout?: number } & Call

/** Removes a pod and its containers, the infra container at last. The ids of the containers. @throws LibpodError POD_UNKNOWN, CONTAINER_STATE */
export async function removePod(rooms: PodRooms, name: string, options: Options = {}): Promise<readonly string[]> {
  const pod = findPod(rooms, name)
  const members = await membersOf(rooms, pod)
  if (options.running !== 'kill') refuseRunning(pod, members)
  const removed: string[] = []
  for (const member of [...members].sort(infraLast)) {
    await removeMember(rooms, member, options)
    removed.push(member.id)
  }
  new PodTable(rooms.state.database).delete(pod.id)
  await removePodCgroup(rooms.options, pod.config.cgroup)
  await removeService(rooms, pod)
  await rooms.events.write({ type: 'pod', status: 'remove', id: pod.id, name: pod.name })
  return removed
}

/** A pod whose infra container was removed on its own is none any more. */
export async function forgetPod({ state, options }: Pick<PodRooms, 'state' | 'options'>, id: string): Promise<void> {
  const table = new PodTable(state.database)
  const pod = table.byId(id)
  if (!pod) return
  table.delete(id)
  await removePodCgroup(options, pod.config.cgroup)
}

const infraLast = (one: Member, other: Member): number => Number(one.infra === 'yes') - Number(other.infra === 'yes')

/** An infra container that runs alone keeps nobody from removing its pod. */
function refuseRunning(pod: PodRecord, members: readonly Member[]): void {
  const busy = members.filter(({ infra, state }) => infra === 'no' && ['running', 'paused', 'stopping'].includes(state))
  if (busy.length === 0) return
  const lines = busy.map(
    ({ id, state }) =>
      `cannot remove container ${id} as it is ${state} - running or paused containers cannot be removed without force: container state improper`,
  )
  throw new LibpodError(
    'CONTAINER_STATE',
    `not all containers could be removed from pod ${pod.id}: removing pod containers\n${lines.join('\n')}`,
    { subject: pod.name },
  )
}

/** Nothing that was started since the pod was looked at is ended unasked; the infra container alone goes with its pod, running or not. */
async function removeMember(
  rooms: PodRooms,
  { id, infra }: Pick<Member, 'id' | 'infra'>,
  options: Options,
): Promise<void> {
  const { running = 'refuse', timeout, signal } = options
  if (infra === 'yes' && running === 'refuse')
    for (const dependent of rooms.state.containers.dependentsOf(id as ContainerId))
      await removeMember(rooms, { id: dependent, infra: 'no' }, options)
  await rooms.containers
    .remove(id, {
      running: infra === 'yes' ? 'kill' : running,
      volumes: 'remove-anonymous',
      pod: 'leave',
      dependents: 'remove',
      ...(timeout !== undefined && { timeout }),
      ...(signal && { signal }),
    })
    .catch((error: unknown) => {
      if (!(error instanceof LibpodError && error.code === 'CONTAINER_UNKNOWN')) throw error
    })
}

/** Removes the pods that have run and of which nothing runs any more, not those that wait for their first start. */
export async function prunePods(
  rooms: PodRooms,
  call: Call = {},
): Promise<readonly { readonly id: string; readonly error?: Error }[]> {
  const members = await membersByPod(rooms)
  const idle = new PodTable(rooms.state.database)
    .all()
    .filter(({ id }) => ['Exited', 'Stopped'].includes(podStatus(members.get(id) ?? [])))
  const pruned: { readonly id: string; readonly error?: Error }[] = []
  for (const { id } of idle) {
    try {
      await removePod(rooms, id, call)
      pruned.push({ id })
    } catch (error) {
      call.signal?.throwIfAborted()
      pruned.push({ id, error: error instanceof Error ? error : new Error(String(error)) })
    }
  }
  return pruned
}
