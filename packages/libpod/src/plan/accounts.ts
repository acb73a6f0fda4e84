import { parseGroup, parseId, parsePasswd } from '@libpod/runtime-tools'
import type { ProcessSpec } from '../spec/process.ts'

/** The texts of passwd(5) and group(5). */
export interface AccountTexts {
  readonly passwd: string
  readonly group: string
}

export interface AccountWishes {
  /** `user[:group]` of the container. */
  readonly user: string
  readonly workdir: string
  readonly process: Pick<ProcessSpec, 'passwdEntry' | 'groupEntry' | 'hostUsers' | 'passwd'>
  /** Where something is mounted: a home there is real. */
  readonly mountedAt: readonly string[]
}

/**
 * What is to be added to a container's passwd and group files: the caller's host users, and a user or group that was given by a
 * number which has no entry (podman-run(1), --user, --hostuser, --passwd-entry, --group-entry). Pure.
 */
export function missingAccounts(wishes: AccountWishes, own: AccountTexts, host: AccountTexts): AccountTexts {
  if (wishes.process.passwd === 'leave') return { passwd: '', group: '' }
  const hostUsers = (wishes.process.hostUsers ?? []).map(name => hostUser(name, wishes, { own, host }))
  return {
    passwd: [...hostUsers, userEntry(wishes, { own, host })].join(''),
    group: groupEntry(wishes, own),
  }
}

/** @throws TypeError naming the user that the host does not have */
function hostUser(name: string, wishes: AccountWishes, texts: { own: AccountTexts; host: AccountTexts }): string {
  const id = parseId(name)
  const found = parsePasswd(texts.host.passwd).find(entry =>
    id === undefined ? entry.name === name : entry.uid === id,
  )
  if (!found) throw new TypeError(`user: unknown user ${name}`)
  const taken = parsePasswd(texts.own.passwd).some(entry => entry.name === found.name || entry.uid === found.uid)
  if (taken) return ''
  const mounted = wishes.mountedAt.some(
    path => path !== '/' && `${found.home}/`.startsWith(`${path.replace(/\/$/, '')}/`),
  )
  const home = mounted ? found.home : wishes.workdir
  const full = gecos(found.name, texts.host.passwd)
  return line(wishes.process.passwdEntry, { ...found, full, home })
}

function userEntry(wishes: AccountWishes, { own, host }: { own: AccountTexts; host: AccountTexts }): string {
  const [userText = '', groupText] = wishes.user.split(':')
  const uid = parseId(userText)
  if (uid === undefined || parsePasswd(own.passwd).some(entry => entry.uid === uid)) return ''
  const gid = groupText === undefined ? 0 : (parseId(groupText) ?? gidOf(groupText, own))
  if (gid === undefined) return ''
  const known = wishes.process.passwdEntry === undefined && parsePasswd(host.passwd).find(entry => entry.uid === uid)
  const name = known ? known.name : String(uid)
  const full = known ? gecos(known.name, host.passwd) : 'container user'
  return line(wishes.process.passwdEntry, { name, uid, gid, full, home: wishes.workdir })
}

interface Line {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly full: string
  readonly home: string
}

function line(template: string | undefined, { name, uid, gid, full, home }: Line): string {
  if (template === undefined) return `${name}:*:${uid}:${gid}:${full}:${home}:/bin/sh\n`
  const values: Readonly<Record<string, string>> = {
    USERNAME: name,
    UID: String(uid),
    GID: String(gid),
    NAME: full,
    HOME: home,
  }
  return `${template.replace(/\$(USERNAME|UID|GID|NAME|HOME)/g, (_, key: string) => values[key] ?? '')}\n`
}

function groupEntry({ user, process }: AccountWishes, own: AccountTexts): string {
  if (user === '' && process.groupEntry === undefined) return ''
  const [userText = '', groupText = '0'] = user.split(':')
  const gid = parseId(groupText)
  if (gid === undefined || parseGroup(own.group).some(entry => entry.gid === gid)) return ''
  if (process.groupEntry === undefined) return `${gid}:x:${gid}:${userText}\n`
  const values: Readonly<Record<string, string>> = { GROUPNAME: String(gid), GID: String(gid), USERLIST: userText }
  return `${process.groupEntry.replace(/\$(GROUPNAME|GID|USERLIST)/g, (_, key: string) => values[key] ?? '')}\n`
}

const gidOf = (name: string, { group }: AccountTexts) => parseGroup(group).find(entry => entry.name === name)?.gid

/** The full name: everything up to the first comma of passwd's fifth field. */
function gecos(name: string, passwd: string): string {
  const found = passwd.split('\n').find(text => text.startsWith(`${name}:`))
  return found?.split(':')[4]?.split(',')[0] ?? ''
}
