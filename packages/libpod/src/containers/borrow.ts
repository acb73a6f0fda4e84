import { posix } from 'node:path'
import type { Rooms } from '../rooms.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { RequestedMount } from '../spec/mount.ts'
import type { ContainerRecord } from '../state/container.ts'
import { type Lender, lender } from './referred.ts'

/**
 * A spec with the mounts of the containers that `--volumes-from` names. They are taken once, when the container is made: from then on
 * it uses the volumes itself, whatever becomes of the lenders. What it asks for itself stands above them, they above the image's VOLUMEs.
 */
export function withBorrowed(rooms: Pick<Rooms, 'state'>, spec: ContainerSpec): ContainerSpec {
  const lenders = (spec.mounts?.volumesFrom ?? []).map(text => lender(rooms, text))
  if (lenders.length === 0) return spec
  const own = spec.mounts?.mounts ?? []
  const taken = new Set(own.map(placeOf))
  // Of two lenders the later one counts.
  const borrowed = new Map(lenders.flatMap(mountsOf).map(mount => [placeOf(mount), mount]))
  const mounts = [...own, ...[...borrowed].flatMap(([place, mount]) => (taken.has(place) ? [] : [mount]))]
  return { ...spec, mounts: { ...spec.mounts, mounts } }
}

const placeOf = ({ destination }: RequestedMount): string => posix.resolve('/', destination)

/** The volumes and binds of another container. */
function mountsOf({ record: { config }, options }: Lender): readonly RequestedMount[] {
  const binds = (config.spec.mounts?.mounts ?? []).filter(mount => mount.kind === 'bind')
  return [...config.volumes.map(asMount), ...binds].map(mount => ({
    ...mount,
    options: withAccess(mount.options, options),
  }))
}

const asMount = ({ anonymous: _, ...volume }: ContainerRecord['config']['volumes'][number]) => ({
  kind: 'volume' as const,
  ...volume,
})

const access = ['ro', 'rw']

/** Whether it may be written is the borrower's to say. */
function withAccess(options: readonly string[], own: readonly string[]): readonly string[] {
  const said = own.some(word => access.includes(word))
  return [...options.filter(word => !(said && access.includes(word))), ...own]
}
