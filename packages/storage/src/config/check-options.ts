import { existsSync } from 'node:fs'
import { StorageError } from '../errors.ts'
import type { DriverName } from './options.ts'

/** Undefined when a driver can take the value, else why it cannot. */
type Check = (value: string) => string | undefined

const anything: Check = () => undefined
const flag: Check = value =>
  /^(?:[01tTfF]|true|TRUE|True|false|FALSE|False)$/.test(value)
    ? undefined
    : `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`
const size: Check = value => (/^\d+(?:\.\d+)? ?[kmgtp]?i?b?$/i.test(value) ? undefined : `invalid size: '${value}'`)
const count: Check = value =>
  /^\d+$/.test(value) ? undefined : `strconv.ParseUint: parsing ${JSON.stringify(value)}: invalid syntax`

const shared = { additionalimagestore: anything, imagestore: anything, ignore_chown_errors: flag, sync: anything }

const known: Readonly<Record<DriverName, Readonly<Record<string, Check>>>> = {
  overlay: {
    ...shared,
    additionallayerstore: anything,
    force_mask: anything,
    inodes: count,
    mount_program: path => (existsSync(path) ? undefined : `overlay: can't stat program ${JSON.stringify(path)}`),
    mountopt: anything,
    override_kernel_check: flag,
    size,
    skip_mount_home: flag,
    use_composefs: flag,
  },
  vfs: { ...shared, mountopt: anything },
}

const otherDrivers = ['overlay', 'overlay2', 'vfs', 'btrfs', 'zfs', 'aufs', 'devicemapper']

/** Refuses options that nobody would heed; those of other drivers are theirs. @throws StorageError OPTION_INVALID */
export function checkDriverOptions(options: readonly string[], driver: DriverName): void {
  for (const each of options) {
    const refuse = (reason: string) => new StorageError('OPTION_INVALID', reason, { subject: each })
    const [, prefix = '', key = '', value] = /^(?:([a-z0-9]*)\.)?([^=]*)(?:=(.*))?$/s.exec(each) ?? []
    if (value === undefined) throw refuse(`unable to parse key/value option: ${each}`)
    const own = prefix === '' || prefix === driver || (prefix === 'overlay2' && driver === 'overlay')
    if (!own && otherDrivers.includes(prefix)) continue
    const name = key.toLowerCase()
    const check = own && Object.hasOwn(known[driver], name) ? known[driver][name] : undefined
    if (check === undefined) throw refuse(`unknown option ${JSON.stringify(key)} (${JSON.stringify(each)})`)
    const reason = check(value)
    if (reason !== undefined) throw refuse(reason)
  }
}
