import { cloneName } from '../containers/names.ts'
import { mergeResources } from '../containers/update.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { PodSpec } from '../spec/pod.ts'
import type { SecuritySpec } from '../spec/security.ts'
import { createPod } from './create.ts'
import { joinMounts, joinSecurity } from './inherit.ts'
import { findPod, membersOf } from './members.ts'
import { removePod } from './remove.ts'
import type { PodRooms } from './rooms.ts'
import { PodTable } from './table.ts'

/**
 * Makes a pod like one that exists, but for what `change` says, with a container like each of that one's. Nothing is started, and
 * nothing is left when one cannot be made. @throws LibpodError POD_UNKNOWN, NAME_IN_USE, SPEC_INVALID
 */
export async function clonePod(
  rooms: PodRooms,
  name: string,
  change: PodSpec = {},
  call: Call = {},
): Promise<{ readonly id: string; readonly warnings: readonly string[] }> {
  const pod = findPod(rooms, name)
  const members = (await membersOf(rooms, pod)).toSorted((one, other) => one.created - other.created)
  const infra = members.find(({ id }) => id === pod.infraId)
  const taken = namesOf(rooms)
  const made = await createPod(
    rooms,
    {
      name: cloneName(pod.name, taken),
      ...(infra ? { infraName: cloneName(infra.name, taken) } : {}),
      ...changedPod(pod.config.spec, change),
    },
    call,
  )
  await using undo = new AsyncDisposableStack()
  undo.defer(async () => void (await removePod(rooms, made.id, { running: 'kill', timeout: 0 })))
  const clones = new Map<string, string>()
  const warnings = [...made.warnings]
  for (const member of members) {
    if (member === infra) continue
    const spec = await rooms.containers.spec(member.id)
    const clone = await rooms.containers.create(
      { ...inClone(spec, made.id, clones), name: cloneName(member.name, namesOf(rooms)) },
      call.signal ? { signal: call.signal } : {},
    )
    for (const known of [member.id, member.name]) clones.set(known, clone.id)
    warnings.push(...clone.warnings)
  }
  undo.move()
  return { id: made.id, warnings }
}

const namesOf = ({ state }: PodRooms): ReadonlySet<string> =>
  new Set([...state.containers.names(), ...new PodTable(state.database).all().map(({ name }) => name)])

/** What is one pod's alone is chosen anew: its names and that of its host. */
function changedPod(
  {
    name: _,
    hostname: __,
    infraName: ___,
    createCommand: ____,
    onNameConflict: _____,
    service: ______,
    ...spec
  }: PodSpec,
  change: PodSpec,
): PodSpec {
  const { labels, resources, security, mounts } = change
  return {
    ...spec,
    ...change,
    ...(labels && { labels: { ...spec.labels, ...labels } }),
    ...(resources && { resources: mergeResources(spec.resources ?? {}, resources) }),
    ...(security && { security: securityOf(spec.security ?? {}, security) }),
    ...(mounts && { mounts: joinMounts(spec.mounts ?? {}, mounts) }),
  }
}

const securityOf = (below: SecuritySpec, own: SecuritySpec): SecuritySpec => ({
  ...below,
  ...joinSecurity(below, own),
  namespaces: { ...below.namespaces, ...own.namespaces },
  ...(own.sysctl && { sysctl: { ...below.sysctl, ...own.sysctl } }),
})

/** What one container of the pod has of another it has of that one's clone. */
function inClone(spec: ContainerSpec, pod: string, clones: ReadonlyMap<string, string>): ContainerSpec {
  const { dependencies, network, security, ...rest } = spec
  const moved = <M extends { readonly kind: string }>(mode: M): M =>
    'container' in mode && typeof mode.container === 'string'
      ? { ...mode, container: clones.get(mode.container) ?? mode.container }
      : mode
  const spaces = Object.entries(security?.namespaces ?? {}).map(([space, mode]) => [space, moved(mode)])
  return {
    ...rest,
    pod,
    ...(dependencies && { dependencies: dependencies.map(one => clones.get(one) ?? one) }),
    ...(network && { network: { ...network, ...(network.mode && { mode: moved(network.mode) }) } }),
    ...(security && { security: { ...security, namespaces: Object.fromEntries(spaces) } }),
  }
}
