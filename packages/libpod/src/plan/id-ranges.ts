import type { IdMap } from '../spec/security.ts'

/** `size` ids from `first` on. */
export interface IdRange {
  readonly first: number
  readonly size: number
}

/** The ranges that subuid(5) or subgid(5) gives an account, by its name or its number. */
export function subordinateRanges(text: string, names: readonly string[]): readonly IdRange[] {
  return text.split('\n').flatMap(line => {
    const [, name = '', first, size] = /^([^:#]+):(\d{1,10}):(\d{1,10})\s*$/.exec(line.trim()) ?? []
    return names.includes(name) ? [{ first: Number(first), size: Number(size) }] : []
  })
}

/** The text of /proc/PID/uid_map or gid_map (user_namespaces(7)). Pure. */
export function parseIdMap(text: string): readonly IdMap[] {
  const rows = text.split('\n').filter(Boolean)
  return rows.map(row => {
    const [containerId = 0, hostId = 0, size = 0] = row.trim().split(/\s+/).map(Number)
    return { containerId, hostId, size }
  })
}

/** Ranges one after another from id 0 of a container on. */
export function inOrder(ranges: readonly IdRange[]): readonly IdMap[] {
  let containerId = 0
  return ranges.map(({ first, size }) => {
    const map = { containerId, hostId: first, size }
    containerId += size
    return map
  })
}

export interface RangeRequest {
  /** How many ids, from 0 on. */
  readonly size: number
  /** What is the container's in any case, and counts. */
  readonly fixed: readonly IdMap[]
  readonly available: readonly IdRange[]
  /** Held by other containers. */
  readonly used: readonly IdMap[]
}

/** Maps the ids of a container to ids that nobody holds; undefined when there are not enough. Pure. */
export function allocate({ size, fixed, available, used }: RangeRequest): readonly IdMap[] | undefined {
  const taken = [...used, ...fixed].map(({ hostId, size }) => ({ first: hostId, size }))
  const free = taken.reduce(without, available)
  const wanted = fixed
    .map(({ containerId, size }) => ({ first: containerId, size }))
    .reduce(without, [{ first: 0, size }])
  const maps = zip(wanted, free)
  return maps && [...maps, ...fixed].sort((a, b) => a.containerId - b.containerId)
}

function without(ranges: readonly IdRange[], hole: IdRange): readonly IdRange[] {
  return ranges.flatMap(({ first, size }) => {
    const end = first + size
    const before = { first, size: Math.min(hole.first, end) - first }
    const start = Math.max(hole.first + hole.size, first)
    return [before, { first: start, size: end - start }].filter(range => range.size > 0)
  })
}

function zip(wanted: readonly IdRange[], free: readonly IdRange[]): readonly IdMap[] | undefined {
  const maps: IdMap[] = []
  const left = [...free]
  for (let { first, size } of wanted) {
    while (size > 0) {
      const range = left.shift()
      if (!range) return undefined
      const taken = Math.min(size, range.size)
      maps.push({ containerId: first, hostId: range.first, size: taken })
      if (taken < range.size) left.unshift({ first: range.first + taken, size: range.size - taken })
      first += taken
      size -= taken
    }
  }
  return maps
}

/** The whole of a rootless user's ids but one: that one, the caller's own, is seen as `own` in the container. */
export function aroundOwn(own: number, total: number): readonly IdMap[] {
  const others = total - 1
  const below = Math.min(own, others)
  return [
    { containerId: 0, hostId: 1, size: below },
    { containerId: own, hostId: 0, size: 1 },
    { containerId: own + 1, hostId: below + 1, size: others - below },
  ].filter(map => map.size > 0)
}

/**
 * The same maps in pieces none of which lies in more than one row of a map outside: the kernel takes no others (user_namespaces(7)).
 * What no row has stays as it is, for the kernel to refuse. Pure.
 */
export function piecesWithin(maps: readonly IdMap[], rows: readonly IdMap[]): readonly IdMap[] {
  return maps.flatMap(map => {
    const pieces: IdMap[] = []
    let { containerId, hostId, size } = map
    while (size > 0) {
      const row = rows.find(one => hostId >= one.containerId && hostId < one.containerId + one.size)
      const length = Math.min(size, row ? row.containerId + row.size - hostId : size)
      pieces.push({ containerId, hostId, size: length })
      containerId += length
      hostId += length
      size -= length
    }
    return pieces
  })
}

/** The host's id for a container's; without any map the same. undefined when none holds it. */
export function hostIdOf(id: number, maps: readonly IdMap[]): number | undefined {
  if (maps.length === 0) return id
  const map = maps.find(one => id >= one.containerId && id < one.containerId + one.size)
  return map && map.hostId + id - map.containerId
}
