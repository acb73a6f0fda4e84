import type { Mount } from '@libpod/runtime-tools'
import { LibpodError } from '../errors.ts'
import type { ContainerRecord } from '../state/container.ts'
import { type Accounts, prepareAccounts } from './accounts.ts'
import { userOf } from './facts.ts'
import {
  directoryForLink,
  hasLinkInRoot,
  kindInRoot,
  linkInRoot,
  makeDirectoryInRoot,
  openRoot,
  type Root,
} from './in-root.ts'
import { ownerOnHost } from './mapped-root.ts'
import type { ContainerPaths } from './paths.ts'
import { setTimezone } from './timezone.ts'

export interface Furnished extends Accounts {
  readonly user: ReturnType<typeof userOf>
}

interface Places {
  readonly rootPath: string
  readonly paths: Pick<ContainerPaths, 'run'>
  readonly mounts: readonly Mount[]
}

/**
 * Puts into a mounted root what a container needs and its image may lack: /etc/mtab, the time zone, entries for its user, the working
 * directory. Images are hostile: every path is resolved inside the root. @throws LibpodError SPEC_INVALID, IMAGE_INVALID
 */
export function furnishRoot(record: ContainerRecord, { rootPath, paths, mounts }: Places): Furnished {
  using root = openRoot(rootPath)
  const zone = record.config.spec.process?.timezone
  if (isOurs(record)) prepareEtc(record, root)
  const time = zone === undefined ? [] : setTimezone(root, zone, paths.run)
  const accounts = prepareAccounts(record, { root, paths, mounts })
  const user = userOf(record, accounts)
  makeWorkdir(record, { root, user, mounts })
  return { ...accounts, user, mounts: [...time, ...accounts.mounts] }
}

/** A root file system of the caller's that is used as it is stays as it is. */
const isOurs = ({ config }: ContainerRecord) => config.spec.rootfs?.overlay !== 'none'

/** What the runtime mounts on must be a directory of this root: a link there would have it work on the host (CVE-2026-41579). */
const mountPoints = ['dev', 'proc', 'sys']

function prepareEtc(record: ContainerRecord, root: Root): void {
  for (const name of mountPoints) directoryForLink(root.fd, name)
  makeDirectoryInRoot(root.fd, '/etc', ownerOnHost(record, { uid: 0, gid: 0 }))
  linkInRoot(root.fd, '/etc/mtab', { target: '/proc/mounts', over: 'keep' })
}

const isBelow = (path: string, directory: string) => `${path}/`.startsWith(`${directory.replace(/\/$/, '')}/`)

interface WorkdirPlaces {
  readonly root: Root
  readonly user: Furnished['user']
  readonly mounts: readonly Mount[]
}

/** The image's is made when it is missing; one that the caller names must be there, or be behind a mount or a link. */
function makeWorkdir(record: ContainerRecord, { root, user, mounts }: WorkdirPlaces): void {
  const { workdir, spec } = record.config
  if (mounts.some(({ destination }) => isBelow(workdir, destination) || isBelow(destination, workdir))) return
  const kind = kindInRoot(root.fd, workdir)
  if (kind === 'directory') return
  const refuse = (reason: string) =>
    new LibpodError('SPEC_INVALID', `workdir "${workdir}" ${reason}`, { subject: workdir })
  if (kind === 'other') throw refuse(`exists on container ${record.id}, but is not a directory`)
  const create = spec.mounts?.createWorkdir ?? (spec.process?.workdir === undefined ? 'yes' : 'no')
  if (create === 'yes') makeDirectoryInRoot(root.fd, workdir, ownerOnHost(record, user))
  else if (!hasLinkInRoot(root.fd, workdir)) throw refuse(`does not exist on container ${record.id}`)
}
