import type { IdMap } from '@libpod/libpod'
import { UsageError } from '../cli/usage-error.ts'

interface Entry extends IdMap {
  readonly extend: boolean
  readonly only: 'uid' | 'gid' | 'both'
}

/** `[+][u|g]container:[@]from[:amount]` of `--uidmap` and `--gidmap`; one list given alone stands for both. Throws UsageError. */
export function parseIdMaps(
  uidTexts: readonly string[],
  gidTexts: readonly string[],
): { uids: readonly IdMap[]; gids: readonly IdMap[] } {
  const uids = uidTexts.map(parseEntry)
  const gids = gidTexts.map(parseEntry)
  const forUids = uids.filter(entry => entry.only !== 'gid')
  const forGids = gids.filter(entry => entry.only !== 'uid')
  const sharedUids = uids.filter(entry => entry.only !== 'uid')
  const sharedGids = gids.filter(entry => entry.only !== 'gid')
  return {
    uids: merge(uids.length > 0 ? forUids : sharedGids),
    gids: merge(gids.length > 0 ? forGids : sharedUids),
  }
}

function parseEntry(text: string): Entry {
  const match = /^([+ug]*)(\d+):@?(\d+)(?::(\d+))?$/.exec(text)
  if (!match) throw new UsageError(`invalid mapping ${JSON.stringify(text)}: use [+][u|g]CONTAINER:HOST[:AMOUNT]`)
  const [, marks = '', containerId, hostId, size = '1'] = match
  const [forUids, forGids] = [marks.includes('u'), marks.includes('g')]
  return {
    containerId: Number(containerId),
    hostId: Number(hostId),
    size: Number(size),
    extend: marks.includes('+'),
    only: forUids === forGids ? 'both' : forUids ? 'uid' : 'gid',
  }
}

/** `container:host:amount` without marks, as `auto:uidmapping=` takes. */
export function parseIdMap(text: string): IdMap {
  const { containerId, hostId, size } = parseEntry(text)
  return { containerId, hostId, size }
}

/** Entries in order; one with `+` cuts what it overlaps out of those before it. */
function merge(entries: readonly Entry[]): IdMap[] {
  let maps: IdMap[] = []
  for (const { extend, containerId, hostId, size } of entries) {
    const map = { containerId, hostId, size }
    if (extend) maps = maps.flatMap(one => cut(one, map, 'containerId')).flatMap(one => cut(one, map, 'hostId'))
    maps.push(map)
  }
  return maps.sort((a, b) => a.containerId - b.containerId)
}

/** What is left of `map` beside `hole` on one of its sides. */
function cut(map: IdMap, hole: IdMap, side: 'containerId' | 'hostId'): IdMap[] {
  const from = Math.max(map[side], hole[side])
  const to = Math.min(map[side] + map.size, hole[side] + hole.size)
  if (from >= to) return [map]
  const part = (start: number, end: number): IdMap => ({
    containerId: map.containerId + start - map[side],
    hostId: map.hostId + start - map[side],
    size: end - start,
  })
  return [part(map[side], from), part(to, map[side] + map.size)].filter(one => one.size > 0)
}
