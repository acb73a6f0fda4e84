import { readFileSync } from 'node:fs'
import {
  capabilitiesOfMask,
  capabilityNames,
  capabilitySets,
  defaultCapabilities,
  normalizeCapability,
} from '@libpod/runtime-tools'
import { requiredCapabilities } from '../plan/required-capabilities.ts'
import { askedCapabilities } from '../plan/spec.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'
import type { StartedSpec } from './started-spec.ts'

export interface ShownCapabilities {
  readonly EffectiveCaps: readonly string[] | null
  readonly BoundingCaps: readonly string[] | null
}

/** What a process of the container may do: as it was started last or, before that, as it would be. */
export function inspectCapabilities(
  rooms: Pick<Rooms, 'config'>,
  { config }: ContainerRecord,
  spec: StartedSpec | undefined,
): ShownCapabilities {
  const { effective, bounding } = spec?.process?.capabilities ?? planned(rooms, config)
  return { EffectiveCaps: effective ?? null, BoundingCaps: bounding ?? null }
}

/** In what these differ from the usual ones: those of the configuration or, for a privileged container, all that there are. */
export function changedCapabilities(
  { BoundingCaps }: ShownCapabilities,
  usual: readonly string[],
): { readonly CapAdd: readonly string[]; readonly CapDrop: readonly string[] } {
  const has = new Set(BoundingCaps)
  return {
    CapAdd: [...has].filter(name => !usual.includes(name)).sort(),
    CapDrop: usual.filter(name => !has.has(name)).sort(),
  }
}

/** Those that a container has unless it asks for others. */
export const usualCapabilities = (
  { config: { containers } }: Pick<Rooms, 'config'>,
  { spec: { security } }: ContainerRecord['config'],
): readonly string[] =>
  security?.privileged === 'yes'
    ? capabilityNames
    : (containers.capabilities?.map(normalizeCapability) ?? defaultCapabilities)

interface Sets {
  readonly effective?: readonly string[]
  readonly bounding?: readonly string[]
}

/** Who a user's name is only its image tells, when the container starts: it is taken for another than root. */
function planned(
  { config: { containers } }: Pick<Rooms, 'config'>,
  { spec: { security = {} }, user, labels }: ContainerRecord['config'],
): Sets {
  const { privileged = 'no' } = security
  const { request } = requiredCapabilities(labels, askedCapabilities(security, containers))
  const uid = ['', '0', 'root'].includes(user.split(':')[0] ?? '') ? 0 : 1
  return capabilitySets(request, { uid, privileged, available: ownBoundingSet() })
}

function ownBoundingSet(): readonly string[] {
  const mask = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0'
  return capabilitiesOfMask(mask)
}
