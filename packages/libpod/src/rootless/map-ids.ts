import { writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { LibpodError } from '../errors.ts'
import { readText } from '../host/read-text.ts'
import { runProgram } from '../host/run-program.ts'
import { subordinateRanges } from '../plan/id-ranges.ts'
import { hostProgram } from './host-program.ts'
import { type LentIds, mapArguments } from './ids.ts'

/** Who enters. */
export interface PlainUser {
  readonly uid: number
  readonly gid: number
  readonly onWarning: (text: string) => void
}

/**
 * Gives a process in a new user namespace its ids: the user is root, the subordinate ids follow. Without any the user is alone.
 * @throws LibpodError ROOTLESS_UNAVAILABLE
 */
export async function mapIds(pid: number, { uid, gid, onWarning }: PlainUser): Promise<void> {
  const names = [accountName(), String(uid)].filter(name => name !== undefined)
  const lent = (file: string, own: number): LentIds => ({ own, ranges: subordinateRanges(readText(file), names), file })
  const [uids, gids] = [lent('/etc/subuid', uid), lent('/etc/subgid', gid)]
  if (uids.ranges.length > 0 && gids.ranges.length > 0) {
    await mapThrough('newuidmap', pid, uids)
    await mapThrough('newgidmap', pid, gids)
    return
  }
  const [missing] = [uids, gids].filter(({ ranges }) => ranges.length === 0)
  onWarning(
    `cannot find UID/GID for user ${names[0]}: no ${missing?.file.slice('/etc/'.length)} ranges found for user ${JSON.stringify(names[0])} in ${missing?.file} - check rootless mode in man pages.`,
  )
  onWarning(
    'Using rootless single mapping into the namespace. This might break some images. Check /etc/subuid and /etc/subgid for adding sub*ids if not using a network user',
  )
  // Who could drop a group could get around what it is forbidden (user_namespaces(7)).
  writeFileSync(`/proc/${pid}/setgroups`, 'deny')
  writeFileSync(`/proc/${pid}/uid_map`, `0 ${uid} 1\n`)
  writeFileSync(`/proc/${pid}/gid_map`, `0 ${gid} 1\n`)
}

/** Undefined for an id without an account. */
function accountName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}

async function mapThrough(tool: 'newuidmap' | 'newgidmap', pid: number, ids: LentIds): Promise<void> {
  const path = hostProgram(tool)
  const { exit, stderr } = await runProgram(path, { args: [String(pid), ...mapArguments(ids)], env: {} })
  if (exit === 0) return
  throw new LibpodError(
    'ROOTLESS_UNAVAILABLE',
    `cannot set up namespace using ${JSON.stringify(path)}: ${stderr.trim() || `ended with ${exit}`}`,
    {
      subject: path,
      hint: `${tool} must be setuid root or have the capability to set ids`,
    },
  )
}
