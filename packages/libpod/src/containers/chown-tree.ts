import { readdirSync, realpathSync } from 'node:fs'
import type { Mount } from '@libpod/runtime-tools'
import { close, fchown, fchownat, O_DIRECTORY, O_NOFOLLOW, type Path, tryOpenat } from '@libpod/syscall'
import { LibpodError } from '../errors.ts'
import type { RequestedMount } from '../spec/mount.ts'
import { openRoot } from './in-root.ts'
import type { Owner } from './mapped-root.ts'

/** Of the host itself: with other owners it would not work any more. */
const ofHost = new Set(
  '/ /bin /boot /dev /etc /etc/passwd /etc/pki /etc/shadow /home /lib /lib64 /media /opt /proc /root /run /sbin /srv /sys /tmp /usr /var /var/lib /var/log'.split(
    ' ',
  ),
)

/** @throws LibpodError SPEC_INVALID for what is the host's own, under whatever name */
function refuseHost(path: string, { uid, gid }: Owner): void {
  if (!ofHost.has(path) && !ofHost.has(realpathSync(path))) return
  const advice = `You can manually \`chown -R ${uid}:${gid} ${path}\``
  throw new LibpodError('SPEC_INVALID', `chowning host path ${JSON.stringify(path)} is not allowed. ${advice}`, {
    subject: path,
  })
}

/** Gives a directory or file and all below it to an owner (`:U`). Walks by handles: a link is given away itself, never followed. */
export function chownTree(path: string, owner: Owner): void {
  using parent = openRoot(path.slice(0, path.lastIndexOf('/')) || '/')
  chownAt(parent.fd, path.slice(path.lastIndexOf('/') + 1), owner)
}

function chownAt(parent: number, name: Path, owner: Owner): void {
  const fd = tryOpenat(parent, name, O_DIRECTORY | O_NOFOLLOW)
  if (fd < 0) {
    fchownat({ dirfd: parent, name }, owner.uid, owner.gid)
    return
  }
  try {
    const entries = readdirSync(`/proc/self/fd/${fd}`, { encoding: 'buffer' })
    for (const entry of entries) chownAt(fd, entry, owner)
    fchown(fd, owner.uid, owner.gid)
  } finally {
    close(fd)
  }
}

/** The mounts with what `U` asks for done: sources given to the user of the container, a tmpfs made as theirs. @throws LibpodError SPEC_INVALID */
export function giveMounts(
  requests: readonly RequestedMount[],
  { mounts, owner, user }: { readonly mounts: readonly Mount[]; readonly owner: Owner; readonly user: Owner },
): readonly Mount[] {
  const asked = new Set(requests.filter(wantsOwner).map(({ destination }) => destination))
  return mounts.map(mount => {
    if (!asked.has(mount.destination)) return mount
    if (mount.type === 'tmpfs')
      return { ...mount, options: [...(mount.options ?? []), `uid=${user.uid}`, `gid=${user.gid}`] }
    if (mount.type === 'bind' && mount.source) {
      refuseHost(mount.source, owner)
      chownTree(mount.source, owner)
    }
    return mount
  })
}

const wantsOwner = (request: RequestedMount): boolean =>
  'options' in request && request.options.some(word => word === 'U' || word === 'chown')
