import { readFileSync } from 'node:fs'
import { parseIdMap } from '../plan/id-ranges.ts'

/** A user as the host knows them. */
export interface OuterUser {
  readonly uid: number
  readonly gid: number
}

/** Whether this process is nobody's root: not in a user namespace in which it could work on images and containers. */
export const isPlainUser = (): boolean => process.geteuid?.() !== 0

/**
 * Who runs this: inside the user namespace of a rootless tool the user outside, of whom the environment tells. It is believed
 * only where the kernel says the same: whoever can set root's variables cannot make root somebody else.
 */
export function outerUser(env: NodeJS.ProcessEnv = process.env): OuterUser {
  const own = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }
  const [uid, gid] = [env._CONTAINERS_ROOTLESS_UID, env._CONTAINERS_ROOTLESS_GID]
  if (own.uid !== 0 || uid === undefined) return own
  const believed = believedId(uid, 'uid_map')
  if (believed === undefined) return own
  return { uid: believed, gid: (gid === undefined ? undefined : believedId(gid, 'gid_map')) ?? own.gid }
}

function believedId(told: string, map: 'uid_map' | 'gid_map'): number | undefined {
  const own = rootOutside(readFileSync(`/proc/self/${map}`, 'latin1'))
  return own !== 0 && /^[0-9]{1,10}$/.test(told) && Number(told) === own ? own : undefined
}

/** Whom a map of user_namespaces(7) makes root; undefined when nobody. Pure. */
export const rootOutside = (map: string): number | undefined =>
  parseIdMap(map).find(({ containerId }) => containerId === 0)?.hostId
