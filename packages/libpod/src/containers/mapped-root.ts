import { chmodSync, chownSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { hostIdOf } from '../plan/id-ranges.ts'
import type { ContainerRecord } from '../state/container.ts'

/** A user and a group. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** Who an owner inside the container is on the host; what is not mapped stays the engine's. */
export function ownerOnHost({ config }: Pick<ContainerRecord, 'config'>, { uid, gid }: Owner): Owner {
  const { uids = [], gids = [] } = config.idMappings ?? {}
  return { uid: hostIdOf(uid, uids) ?? 0, gid: hostIdOf(gid, gids) ?? 0 }
}

/** A file that the engine made for a container belongs to the container's root. */
export function giveToRoot(record: ContainerRecord, path: string): void {
  const { uid, gid } = ownerOnHost(record, { uid: 0, gid: 0 })
  if (uid !== 0 || gid !== 0) chownSync(path, uid, gid)
}

/**
 * Lets the container's root, nobody in particular on the host, walk to places of the engine: search permission for all on each
 * directory of the way, nothing more. The engine's own do not need it.
 */
export function makeReachable(record: ContainerRecord, paths: readonly string[]): void {
  if (!record.config.idMappings) return
  const { uid } = ownerOnHost(record, { uid: 0, gid: 0 })
  if (uid === 0) return
  for (const path of paths) for (let at = path; at !== '/'; at = dirname(at)) openForSearch(at)
}

function openForSearch(path: string): void {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode
  if (mode !== undefined && (mode & 0o111) !== 0o111) chmodSync(path, (mode & 0o7777) | 0o111)
}
