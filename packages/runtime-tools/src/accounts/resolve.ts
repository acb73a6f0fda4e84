import { RuntimeToolsError } from '../errors.ts'
import { type GroupEntry, type PasswdEntry, parseGroup, parseId, parsePasswd } from './parse.ts'

/** Texts of /etc/passwd and /etc/group of the container's root; a missing file is an empty text. */
export interface AccountFiles {
  readonly passwd: string
  readonly group: string
}

export interface ResolvedUser {
  readonly uid: number
  readonly gid: number
  /** The user's groups of the group file, with `gid` first; only `gid` when the group was given explicitly. */
  readonly additionalGids: readonly number[]
  /** From passwd; `/` when the user has no entry or no home. */
  readonly home: string
  /** The name in passwd, when there is one. */
  readonly name?: string
}

/**
 * Resolves `user`, `user:group`, `uid`, `uid:gid` as `--user` and an image's USER mean it; empty is root. A number needs no
 * entry. Numbers are decimal and at most 2147483647; anything else is a name.
 * @throws RuntimeToolsError USER_INVALID, USER_UNKNOWN, GROUP_UNKNOWN, ACCOUNTS_TOO_LARGE
 */
export function parseUser(text: string, files: AccountFiles): ResolvedUser {
  const [userText = '', groupText, ...rest] = text.split(':')
  if (rest.length > 0 || groupText === '') throw invalid(text)
  const users = parsePasswd(files.passwd)
  const groups = parseGroup(files.group)
  const user = findUser(userText, users)
  const gid = groupText === undefined ? user.gid : findGroup(groupText, groups)
  const own = groupText === undefined ? groupsOf(user.name, groups) : []
  return {
    uid: user.uid,
    gid,
    additionalGids: [...new Set([gid, ...own])],
    home: user.home || '/',
    ...(user.name === '' ? {} : { name: user.name }),
  }
}

/**
 * The gids of `--group-add` names and numbers.
 * @throws RuntimeToolsError USER_INVALID, GROUP_UNKNOWN, ACCOUNTS_TOO_LARGE
 */
export function parseGroups(names: readonly string[], group: string): readonly number[] {
  const groups = parseGroup(group)
  return [...new Set(names.map(name => findGroup(name, groups)))]
}

type KnownUser = Pick<PasswdEntry, 'name' | 'uid' | 'gid' | 'home'>

function findUser(text: string, users: readonly PasswdEntry[]): KnownUser {
  const uid = text === '' ? 0 : parseId(text)
  const found = users.find(entry => (uid === undefined ? entry.name === text : entry.uid === uid))
  if (found) return found
  if (uid !== undefined) return { name: '', uid, gid: 0, home: '' }
  throw unknown('user', text, 'USER_UNKNOWN')
}

function findGroup(text: string, groups: readonly GroupEntry[]): number {
  const gid = parseId(text) ?? groups.find(entry => entry.name === text)?.gid
  if (gid !== undefined) return gid
  throw unknown('group', text, 'GROUP_UNKNOWN')
}

function groupsOf(name: string, groups: readonly GroupEntry[]): readonly number[] {
  return name === '' ? [] : groups.filter(entry => entry.members.includes(name)).map(entry => entry.gid)
}

function unknown(noun: 'user' | 'group', text: string, code: 'USER_UNKNOWN' | 'GROUP_UNKNOWN'): RuntimeToolsError {
  // What looks like a number is one that is out of range or misspelt: say so instead of looking for such a name.
  if (/^[+-]?\p{Nd}/u.test(text) || text === '' || /\s/.test(text)) return invalid(text)
  const reason = noun === 'user' ? `unable to find user ${text}` : `unable to find group ${text}`
  return new RuntimeToolsError(code, `${reason}: no matching entries in ${noun === 'user' ? 'passwd' : 'group'} file`, {
    subject: text,
  })
}

const invalid = (text: string) =>
  new RuntimeToolsError('USER_INVALID', `"${text}" is neither a name nor a number from 0 to 2147483647`, {
    subject: text,
  })
