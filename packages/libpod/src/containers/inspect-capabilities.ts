import { readFileSync } from 'node:fs'
import { capabilitiesOfMask, capabilitySets } from '@libpod/runtime-tools'
import { requiredCapabilities } from '../plan/required-capabilities.ts'
import { askedCapabilities } from '../plan/spec.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'

interface Shown {
  readonly EffectiveCaps: readonly string[] | null
  readonly BoundingCaps: readonly string[] | null
}

/** What a process of the container may do: as it was started last or, before that, as it would be. */
export function inspectCapabilities(
  rooms: Pick<Rooms, 'config'>,
  { config }: ContainerRecord,
  specPath: string,
): Shown {
  const { effective, bounding } = started(specPath) ?? planned(rooms, config)
  return { EffectiveCaps: effective ?? null, BoundingCaps: bounding ?? null }
}

interface Sets {
  readonly effective?: readonly string[]
  readonly bounding?: readonly string[]
}

function started(specPath: string): Sets | undefined {
  try {
    const { process } = JSON.parse(readFileSync(specPath, 'utf8')) as { process?: { capabilities?: Sets } }
    return process?.capabilities
  } catch {
    return undefined
  }
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
