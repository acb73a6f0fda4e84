import { RuntimeToolsError } from '../errors.ts'
import { defined, listed } from '../generate/defined.ts'
import type { Capabilities } from '../spec/process.ts'
import { defaultCapabilities, normalizeCapability } from './names.ts'

export interface CapabilityRequest {
  readonly add?: readonly string[]
  readonly drop?: readonly string[]
  /** Absent: {@link defaultCapabilities}. */
  readonly defaults?: readonly string[]
}

/**
 * The defaults without `drop` and with `add`, sorted. `ALL` in `add` gives everything in `all` that is not dropped,
 * `ALL` in `drop` leaves what is added.
 * @throws RuntimeToolsError CAPABILITY_UNKNOWN, CAPABILITY_CONFLICT
 */
export function mergeCapabilities(request: CapabilityRequest, all: readonly string[]): readonly string[] {
  const add = new Set((request.add ?? []).map(normalizeCapability))
  const drop = new Set((request.drop ?? []).map(normalizeCapability))
  const conflict = [...add].find(name => drop.has(name))
  if (conflict !== undefined) {
    throw new RuntimeToolsError('CAPABILITY_CONFLICT', `capability "${conflict}" cannot be dropped and added`, {
      subject: conflict,
    })
  }
  const defaults = (request.defaults ?? defaultCapabilities).map(normalizeCapability)
  const base = drop.has('ALL') ? [] : add.has('ALL') ? all : defaults
  const explicit = [...add].filter(name => name !== 'ALL')
  return [...new Set([...base, ...explicit])].filter(name => !drop.has(name)).sort()
}

export interface CapabilityHolder {
  readonly uid: number
  readonly privileged: 'yes' | 'no'
  /** The caller's bounding set. */
  readonly available: readonly string[]
}

/**
 * The five sets of a process. Root holds what the container may have; another user only what was added by name, and that
 * as ambient too, so that it survives execve(2). Inheritable is empty except where ambient needs it: files must not gain
 * capabilities by inheritance.
 */
export function capabilitySets(request: CapabilityRequest, holder: CapabilityHolder): Capabilities {
  const available = new Set(holder.available)
  const granted = (names: readonly string[]) => names.filter(name => available.has(name)).sort()
  const bounding =
    holder.privileged === 'yes' ? granted(holder.available) : granted(mergeCapabilities(request, holder.available))
  const sets = { bounding: listed(bounding) }
  if (holder.uid === 0) return defined({ ...sets, effective: sets.bounding, permitted: sets.bounding })
  const asked = { add: request.add ?? [], defaults: [] }
  const own = granted(mergeCapabilities(asked, holder.available)).filter(name => bounding.includes(name))
  if (own.length === 0) return defined(sets)
  return { bounding, effective: own, permitted: own, inheritable: own, ambient: own }
}
