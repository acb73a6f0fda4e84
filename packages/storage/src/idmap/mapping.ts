/** `size` ids from `containerId` on are, outside, those from `hostId` on (user_namespaces(7)). */
export interface IdMapping {
  readonly containerId: number
  readonly hostId: number
  readonly size: number
}

/** How user and group ids of a container are shifted on the host. */
export interface IdMappings {
  readonly uids: readonly IdMapping[]
  readonly gids: readonly IdMapping[]
}

/** The host's id for a container's, or undefined when no range holds it. No ranges at all: every id is itself. */
export function toHost(id: number, ranges: readonly IdMapping[]): number | undefined {
  if (ranges.length === 0) return id
  const range = ranges.find(each => id >= each.containerId && id < each.containerId + each.size)
  return range && range.hostId + (id - range.containerId)
}

/** The container's id for the host's; the inverse of {@link toHost}. */
export function toContainer(id: number, ranges: readonly IdMapping[]): number | undefined {
  if (ranges.length === 0) return id
  const range = ranges.find(each => id >= each.hostId && id < each.hostId + each.size)
  return range && range.containerId + (id - range.hostId)
}
