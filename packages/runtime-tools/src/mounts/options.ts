import { RuntimeToolsError } from '../errors.ts'
import type { IdMapping } from '../spec/mount.ts'

/** Options that every file system takes (runtime-spec config.md, "Linux mount options"). */
const generic = new Set(
  `async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime nodev nodiratime noexec
  noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private ratime rbind rdev rdiratime relatime
  remount rexec rnoatime rnodev rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro rprivate
  rrelatime rro rrw rshared rslave rstrictatime rsuid rsymfollow runbindable rw shared silent slave strictatime suid
  symfollow sync tmpcopyup unbindable copy-symlink idmap ridmap
  context fscontext defcontext rootcontext`.split(/\s+/),
)

/** Options of one type of file system, by key; the value after `=` is its own business. */
const ofType = new Map<string, ReadonlySet<string>>(
  Object.entries({
    tmpfs: words('size nr_blocks nr_inodes mode uid gid huge mpol noswap inode32 inode64 usrquota grpquota'),
    ramfs: words('mode'),
    proc: words('hidepid gid subset pid'),
    devpts: words('newinstance ptmxmode mode gid uid max'),
    sysfs: words(''),
    mqueue: words(''),
    cgroup: words('all xattr noprefix clone_children none name release_agent nsdelegate memory_recursiveprot'),
    overlay: words(
      'lowerdir upperdir workdir redirect_dir index metacopy userxattr volatile xino nfs_export uuid lowerdir+ datadir+',
    ),
  }),
)

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' ').filter(word => word !== ''))
}

/**
 * Refuses options that are neither generic nor of this type of mount: runtimes hand what they do not know to the file
 * system as data, and an engine's own words (`z`, `U`, `volume-opt=…`) must not get there.
 * @throws RuntimeToolsError MOUNT_INVALID
 */
export function checkMountOptions(type: string, options: readonly string[]): void {
  for (const option of options) {
    const key = option.split('=', 1)[0] ?? ''
    if (generic.has(key) || ofType.get(type)?.has(key)) continue
    throw new RuntimeToolsError('MOUNT_INVALID', `mount option "${option}" is not allowed for type "${type}"`, {
      subject: option,
    })
  }
}

/**
 * The id mappings of an `idmap` option: `idmap`, or `idmap=uids=0-1000-10#20-2000-1;gids=0-1000-10`, each triple
 * container id, host id, size; `@` before the first makes it relative to the container's user namespace, which is not done here.
 * @throws RuntimeToolsError MOUNT_INVALID
 */
export function parseIdmapOption(option: string): MountMappings | undefined {
  if (option === 'idmap' || option === 'ridmap') return undefined
  const fields = new Map(
    option
      .replace(/^r?idmap=/, '')
      .split(';')
      .filter(field => field !== '')
      .map(field => [field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1)]),
  )
  const uids = fields.get('uids')
  const gids = fields.get('gids')
  if (uids === undefined || gids === undefined || fields.size !== 2) throw invalidIdmap(option)
  return { uidMappings: parseTriples(uids, option), gidMappings: parseTriples(gids, option) }
}

export interface MountMappings {
  readonly uidMappings: readonly IdMapping[]
  readonly gidMappings: readonly IdMapping[]
}

function parseTriples(text: string, option: string): readonly IdMapping[] {
  return text.split('#').map(triple => {
    const [, containerID, hostID, size] = /^(\d{1,10})-(\d{1,10})-(\d{1,10})$/.exec(triple) ?? []
    if (size === undefined) throw invalidIdmap(option)
    return { containerID: Number(containerID), hostID: Number(hostID), size: Number(size) }
  })
}

const invalidIdmap = (option: string) =>
  new RuntimeToolsError('MOUNT_INVALID', `idmap option "${option}" is malformed`, { subject: option })
