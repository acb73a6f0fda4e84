import type { ContainerSpec } from '../spec/container.ts'
import type { MountSpec, RequestedMount } from '../spec/mount.ts'
import type { PodSpec } from '../spec/pod.ts'
import type { SecuritySpec } from '../spec/security.ts'
import type { PodRecord } from './table.ts'

type Part = Pick<ContainerSpec, 'mounts' | 'security'>

/**
 * What a container has of its pod beside namespaces (podman-pod-create(1), --device, --security-opt, --volume …): lists together,
 * and otherwise what it asks for itself. Pure.
 */
export function inherited(
  { config: { spec, shares } }: PodRecord,
  { mounts = {}, security = {} }: ContainerSpec,
): Part {
  const { shmSize, ...others } = spec.mounts ?? {}
  const ofPod = shares.includes('ipc') || shmSize === undefined ? others : { ...others, shmSize }
  return {
    ...(spec.mounts && { mounts: joinMounts(ofPod, mounts) }),
    ...(spec.security && { security: joinSecurity(spec.security, security) }),
  }
}

/** A container's wishes without those that it has of its pod, which it gets there anew, or others of another pod. Pure. */
export function withoutInherited(spec: ContainerSpec, pod: PodSpec): ContainerSpec {
  const { restart, mounts, security, ...rest } = spec
  return {
    ...rest,
    ...(restart && !same(restart, pod.restart) && { restart }),
    ...(mounts && { mounts: apart(mounts, pod.mounts ?? {}) }),
    ...(security && { security: apart(security, pod.security ?? {}) }),
  }
}

/** Mounts upon those of another: at one place there is one. */
export function joinMounts(below: MountSpec, own: MountSpec): MountSpec {
  const taken = new Set((own.mounts ?? []).map(placeOf))
  const mounts = [...(below.mounts ?? []).filter(mount => !taken.has(placeOf(mount))), ...(own.mounts ?? [])]
  const volumesFrom = together(below.volumesFrom, own.volumesFrom)
  return {
    ...below,
    ...own,
    ...(mounts.length > 0 && { mounts }),
    ...(volumesFrom.length > 0 && { volumesFrom }),
  }
}

const placeOf = (mount: RequestedMount): string => (mount.kind === 'glob' ? JSON.stringify(mount) : mount.destination)

const scalars = ['noNewPrivileges', 'seccomp', 'seccompPolicy', 'apparmor'] as const
const lists = ['devices', 'labels', 'gpus'] as const

/** Security wishes upon those of another, as far as containers have them of their pods. */
export function joinSecurity(pod: SecuritySpec, own: SecuritySpec): SecuritySpec {
  const given = scalars.flatMap(name => (pod[name] === undefined ? [] : [[name, pod[name]] as const]))
  const joined = lists.flatMap(name => {
    const all = together<unknown>(pod[name], own[name])
    return all.length > 0 ? [[name, all] as const] : []
  })
  return { ...Object.fromEntries(given), ...own, ...Object.fromEntries(joined) }
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

const together = <T>(first: readonly T[] = [], second: readonly T[] = []): readonly T[] => [
  ...first,
  ...second.filter(one => !first.some(other => same(one, other))),
]

/** What the second has as well is taken away: whole members, and entries of lists. */
function apart<P extends object>(own: P, pod: P): P {
  const entries = Object.entries(own).flatMap(([name, value]) => {
    const other: unknown = (pod as Readonly<Record<string, unknown>>)[name]
    if (same(value, other)) return []
    if (!Array.isArray(value) || !Array.isArray(other)) return [[name, value] as const]
    return [[name, value.filter(one => !other.some(each => same(one, each)))] as const]
  })
  return Object.fromEntries(entries) as P
}
