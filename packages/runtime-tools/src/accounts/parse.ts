import { RuntimeToolsError } from '../errors.ts'

/** A line of /etc/passwd (passwd(5)). */
export interface PasswdEntry {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly shell: string
}

/** A line of /etc/group (group(5)). */
export interface GroupEntry {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

/** Bytes of a passwd or group file that are looked at: the files come from images. */
export const accountsFileLimit = 1 << 20
/** Ids above this are not usable: -1 has a meaning of its own, and runtimes hold ids in 32 bits with sign. */
export const highestId = 2 ** 31 - 1

/** Entries of a passwd file; malformed lines are skipped. @throws RuntimeToolsError ACCOUNTS_TOO_LARGE */
export function parsePasswd(text: string): readonly PasswdEntry[] {
  return fieldsOf(text, 'passwd').flatMap(([name = '', , uidText = '', gidText = '', , home = '', shell = '']) => {
    const uid = parseId(uidText)
    const gid = parseId(gidText)
    return name === '' || uid === undefined || gid === undefined ? [] : [{ name, uid, gid, home, shell }]
  })
}

/** Entries of a group file; malformed lines are skipped. @throws RuntimeToolsError ACCOUNTS_TOO_LARGE */
export function parseGroup(text: string): readonly GroupEntry[] {
  return fieldsOf(text, 'group').flatMap(([name = '', , gidText = '', members = '']) => {
    const gid = parseId(gidText)
    if (name === '' || gid === undefined) return []
    return [{ name, gid, members: members.split(',').filter(member => member !== '') }]
  })
}

/** A decimal id in range, or undefined: no sign, exponent, prefix, space or foreign digit. */
export function parseId(text: string): number | undefined {
  if (!/^[0-9]{1,10}$/.test(text)) return undefined
  const id = Number(text)
  return id <= highestId ? id : undefined
}

function fieldsOf(text: string, file: string): readonly string[][] {
  if (text.length > accountsFileLimit) {
    throw new RuntimeToolsError('ACCOUNTS_TOO_LARGE', `the ${file} file is larger than ${accountsFileLimit} bytes`, {
      subject: file,
    })
  }
  const lines = text.split('\n').map(line => line.trim())
  return lines.filter(line => line !== '' && !line.startsWith('#')).map(line => line.split(':'))
}
