import { mayRestart } from '../containers/cleanup.ts'
import type { ContainerState } from '../containers/containers.ts'
import { ifEnded, ifGone } from '../containers/gone.ts'
import { currentStatus } from '../containers/liveness.ts'
import { withContainer } from '../containers/lock.ts'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord } from '../state/container.ts'
import { removePodCgroup } from './cgroup.ts'
import { findPod, type Member, membersOf } from './members.ts'
import type { PodRooms } from './rooms.ts'
import { endService, startService } from './services.ts'
import { type PodRecord, PodTable } from './table.ts'

/** The infra container comes up first and goes down last. */
const inOrder = (members: readonly Member[], first: 'infra' | 'others'): readonly Member[] =>
  [...members].sort((one, other) => rank(one, first) - rank(other, first))

const rank = ({ infra }: Member, first: 'infra' | 'others'): number =>
  (infra === 'yes') === (first === 'infra') ? 0 : 1

/** Does something to each, goes on after a failure and tells them together. @throws LibpodError CONTAINER_STATE */
async function each(
  pod: PodRecord,
  { members, call: { signal } }: { readonly members: readonly Member[]; readonly call: Call },
  work: (member: Member) => Promise<unknown>,
): Promise<void> {
  const errors: unknown[] = []
  for (const member of members) await work(member).catch((error: unknown) => errors.push(error))
  signal?.throwIfAborted()
  if (errors.length === 0) return
  const lines = errors.map(error => (error instanceof Error ? error.message : String(error)))
  throw new LibpodError('CONTAINER_STATE', `not all containers of pod ${pod.id}: ${lines.join('; ')}`, {
    subject: pod.name,
    cause: errors.length === 1 ? errors[0] : new AggregateError(errors),
  })
}

const signalOf = ({ signal }: Call): Call => (signal ? { signal } : {})

async function tell(rooms: PodRooms, status: string, { id, name }: PodRecord): Promise<void> {
  await rooms.events.write({ type: 'pod', status, id, name })
}

/** Starts every container that does not run, after its init containers have done their work. @throws LibpodError POD_UNKNOWN, CONTAINER_STATE */
export async function startPod(rooms: PodRooms, name: string, call: Call = {}): Promise<void> {
  const pod = findPod(rooms, name)
  const members = inOrder(await membersOf(rooms, pod), 'infra')
  if (members.length === 0)
    throw new LibpodError(
      'CONTAINER_STATE',
      `no containers in pod ${pod.id} have no dependencies, cannot start pod: no such container`,
      { subject: pod.name },
    )
  await startService(rooms, pod, signalOf(call))
  await runInitContainers(rooms, members, call)
  await each(
    pod,
    { members: members.filter(({ state, init }) => state !== 'running' && init === 'no'), call },
    ({ id }) => rooms.containers.start(id, signalOf(call)),
  )
  await tell(rooms, 'start', pod)
}

/** One after the other, as they were made; the first that fails keeps the pod from starting. @throws LibpodError CONTAINER_STATE */
async function runInitContainers({ containers }: PodRooms, members: readonly Member[], call: Call): Promise<void> {
  const ordered = members.filter(({ init }) => init !== 'no').sort((one, other) => one.created - other.created)
  for (const { id, name, init } of ordered) {
    await containers.start(id, signalOf(call))
    const { code } = await containers.wait(id, undefined, signalOf(call))
    if (code !== 0)
      throw new LibpodError('CONTAINER_STATE', `init container ${id} exited with code ${code}`, { subject: name })
    if (init === 'once') await containers.remove(id, signalOf(call))
  }
}

const leftAlone: ReadonlySet<ContainerState> = new Set(['created', 'paused', 'removing'])

/** Stops what runs or is about to be started again by its restart policy, the infra container at last. */
export async function stopPod(
  rooms: PodRooms,
  name: string,
  options: { readonly timeout?: number } & Call = {},
): Promise<void> {
  const pod = findPod(rooms, name)
  const running = (await membersOf(rooms, pod)).filter(({ state }) => !leftAlone.has(state))
  const how = {
    pod: 'leave' as const,
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    ...signalOf(options),
  }
  await each(pod, { members: inOrder(running, 'others'), call: options }, ({ id }) => rooms.containers.stop(id, how))
  await removePodCgroup(rooms.options, pod.config.cgroup)
  await endService(rooms, pod)
  await tell(rooms, 'stop', pod)
}

export async function restartPod(
  rooms: PodRooms,
  name: string,
  options: { readonly timeout?: number } & Call = {},
): Promise<void> {
  await stopPod(rooms, name, options)
  await startPod(rooms, name, options)
  await tell(rooms, 'restart', findPod(rooms, name))
}

/** Sends a signal to every container that runs. With the others the infra container may end by itself. */
export async function killPod(rooms: PodRooms, name: string, signal: string, call: Call = {}): Promise<void> {
  const pod = findPod(rooms, name)
  const running = (await membersOf(rooms, pod)).filter(({ state }) => state === 'running')
  await each(pod, { members: inOrder(running, 'others'), call }, ({ id }) =>
    rooms.containers.kill(id, signal, signalOf(call)).catch(ifEnded),
  )
  await tell(rooms, 'kill', pod)
}

export async function pausePod(rooms: PodRooms, name: string, call: Call = {}): Promise<void> {
  const pod = findPod(rooms, name)
  const running = (await membersOf(rooms, pod)).filter(({ state }) => state === 'running')
  await each(pod, { members: inOrder(running, 'others'), call }, ({ id }) => rooms.containers.pause(id, signalOf(call)))
  await tell(rooms, 'pause', pod)
}

export async function unpausePod(rooms: PodRooms, name: string, call: Call = {}): Promise<void> {
  const pod = findPod(rooms, name)
  const paused = (await membersOf(rooms, pod)).filter(({ state }) => state === 'paused')
  await each(pod, { members: inOrder(paused, 'infra'), call }, ({ id }) => rooms.containers.unpause(id, signalOf(call)))
  await tell(rooms, 'unpause', pod)
}

/** Processes of all running containers under one header; nothing where none runs. @throws LibpodError POD_UNKNOWN */
export async function topOfPod(
  rooms: PodRooms,
  name: string,
  descriptors: readonly string[],
  call: Call = {},
): Promise<readonly (readonly string[])[]> {
  const pod = findPod(rooms, name)
  const running = (await membersOf(rooms, pod)).filter(({ state }) => state === 'running')
  const tables = await Promise.all(running.map(({ id }) => rooms.containers.top(id, descriptors, signalOf(call))))
  return [...(tables[0]?.slice(0, 1) ?? []), ...tables.flatMap(rows => rows.slice(1))]
}

/**
 * What happens to a pod when one of its containers ended: with the exit policy `stop`, and nothing but the infra container left
 * running, that is stopped too. Called by whoever cleaned the container up.
 */
export async function applyExitPolicy(rooms: PodRooms, podId: string): Promise<void> {
  const pod = new PodTable(rooms.state.database).byId(podId)
  if (pod?.config.exitPolicy !== 'stop') return
  const others = (await membersOf(rooms, pod)).filter(({ infra, init }) => infra === 'no' && init === 'no')
  for (const member of others) if (await isBusy(rooms, member)) return
  await stopPod(rooms, podId)
}

const busy: ReadonlySet<ContainerState> = new Set(['running', 'paused', 'stopping', 'initialized', 'created'])

/** One that its restart policy is starting again, or is about to, has not ended: its lock tells. */
async function isBusy(rooms: PodRooms, { id, state }: Member): Promise<boolean> {
  if (busy.has(state)) return true
  const look = (record: ContainerRecord): boolean => {
    const status = currentStatus(rooms, record)
    return busy.has(status.state) || (status.state === 'stopped' && mayRestart({ ...record, status }))
  }
  return await withContainer(rooms, id, look).catch(error => {
    ifGone(error)
    return false
  })
}
