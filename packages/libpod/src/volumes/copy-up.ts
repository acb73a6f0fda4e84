import { chmodSync, chownSync, readdirSync, type Stats, statSync, utimesSync } from 'node:fs'
import { packTree, unpackArchive } from '@libpod/storage'
import { close, O_DIRECTORY, O_PATH, openat, openat2, RESOLVE_IN_ROOT, SyscallError } from '@libpod/syscall'
import { volumeDirectory } from './create.ts'
import type { VolumeMountRooms } from './rooms.ts'
import { type StoredVolume, type VolumeStatus, VolumeTable } from './table.ts'

export interface CopyUp {
  readonly volume: string
  /** The container's mounted root. */
  readonly rootfs: string
  /** Where the volume will be in it. */
  readonly destination: string
  /** `no`: it stays empty, and is only given to whose place it is. */
  readonly fill: 'yes' | 'no'
  /** Who gets a volume that had nothing to be filled with. */
  readonly owner?: { readonly uid: number; readonly gid: number }
}

const AT_FDCWD = -100

/**
 * Fills an empty volume, once, with what the image has at its place, owner and mode included. A volume that holds anything keeps
 * it, and its owner from then on; one that found nothing to be filled with waits for the next container. The place is looked up
 * with the container's root as the root: no link in an image leads to the host.
 */
export async function copyUp(
  rooms: Pick<VolumeMountRooms, 'options' | 'state'>,
  { volume: name, rootfs, destination, fill: wanted, owner }: CopyUp,
): Promise<void> {
  const table = new VolumeTable(rooms.state.database)
  const volume = table.find(name)
  const { status } = volume
  if (status.needsCopyUp === 'no' && status.needsChown === 'no') return
  const target = status.mountPoint ?? volumeDirectory(rooms, volume.name)
  if (readdirSync(target).length > 0) {
    table.change(volume.name, now => ({ ...now.status, needsChown: 'no' }))
    return
  }
  const source = openInside(rootfs, destination)
  const settled =
    source === undefined
      ? own(target, status.needsChown === 'yes' && !isPlugins(volume) ? owner : undefined)
      : await fill(source, target, wanted === 'yes' ? status : { ...status, needsCopyUp: 'no' })
  table.change(volume.name, now => ({ ...now.status, ...settled }))
}

/** What a plugin keeps is not the engine's to give away. */
const isPlugins = ({ config: { driver } }: StoredVolume): boolean => driver !== 'local' && driver !== 'image'

/** A descriptor of the directory; undefined when there is none. */
function openInside(rootfs: string, path: string): number | undefined {
  const root = openat(AT_FDCWD, rootfs, O_PATH | O_DIRECTORY)
  try {
    return openat2(root, path.replace(/^\/+/, '') || '.', { flags: O_PATH | O_DIRECTORY, resolve: RESOLVE_IN_ROOT })
  } catch (error) {
    if (error instanceof SyscallError && ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'].includes(error.code)) return undefined
    throw error
  } finally {
    close(root)
  }
}

type Needs = Pick<VolumeStatus, 'needsCopyUp' | 'needsChown'>
type Settled = Needs & Pick<VolumeStatus, 'owner'>

/** Resolves to what is done for good. An owner other than root stays open to the next container while the volume is empty. */
async function fill(source: number, target: string, { needsCopyUp, needsChown }: Needs): Promise<Partial<Settled>> {
  const path = `/proc/self/fd/${source}/.`
  try {
    const like = statSync(path)
    const filled = needsCopyUp === 'yes' && readdirSync(path).length > 0
    if (filled) await unpackArchive(target, packTree(path, {}))
    if (needsChown === 'no') return filled ? { needsCopyUp: 'no' } : {}
    resemble(target, like)
    const { uid, gid } = like
    const owner = { uid, gid }
    if (filled) return { needsCopyUp: 'no', needsChown: 'no', owner }
    return uid === 0 && gid === 0 ? { needsChown: 'no', owner } : { owner }
  } finally {
    close(source)
  }
}

function resemble(target: string, like: Stats): void {
  chownSync(target, like.uid, like.gid)
  chmodSync(target, like.mode & 0o7777)
  utimesSync(target, like.atime, like.mtime)
}

function own(target: string, owner: CopyUp['owner']): Partial<Settled> {
  if (!owner) return {}
  chownSync(target, owner.uid, owner.gid)
  return { owner }
}
