import { lstatSync, mkdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LibpodError } from '../errors.ts'
import { namedVolume } from './named-volume.ts'
import type { KubeRooms } from './rooms.ts'
import type { HostPathType, PlannedVolume, VolumeFile } from './volumes.ts'

/** Makes the volumes of a pod that are to be there before its containers. @throws LibpodError KUBE_INVALID, NAME_IN_USE */
export async function furnishVolumes(
  rooms: Pick<KubeRooms, 'volumes' | 'images'>,
  planned: Iterable<PlannedVolume>,
  undo: AsyncDisposableStack,
): Promise<void> {
  for (const volume of planned)
    if (volume.kind === 'own') {
      await forgetLeftover(rooms, volume.name)
      const { mountPoint, name } = await rooms.volumes.create({ name: volume.name, anonymous: 'yes' })
      undo.defer(async () => {
        if (await namedVolume(rooms, name)) await rooms.volumes.remove(name)
      })
      for (const file of volume.files) writeInto(mountPoint, file)
    } else if (volume.kind === 'host') furnishPath(volume.path, volume.type, undo)
    else if (volume.kind === 'image') await rooms.images.lookup(volume.reference)
}

/** Nothing is written where a container could have left a link: what a killed play left goes whole, a volume in use stays. */
async function forgetLeftover(rooms: Pick<KubeRooms, 'volumes'>, name: string): Promise<void> {
  const found = await namedVolume(rooms, name)
  if (found?.anonymous === 'yes') await rooms.volumes.remove(name)
}

function writeInto(directory: string, { path, bytes, mode }: VolumeFile): void {
  const target = join(directory, path)
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 })
  writeFileSync(target, bytes, { mode, flag: 'wx' })
}

const checks = {
  Directory: { holds: 'isDirectory', says: 'a directory' },
  File: { holds: 'isFile', says: 'a file' },
  Socket: { holds: 'isSocket', says: 'a socket' },
  CharDevice: { holds: 'isCharacterDevice', says: 'a character device' },
  BlockDevice: { holds: 'isBlockDevice', says: 'a block device' },
} as const

function furnishPath(path: string, type: HostPathType, undo: AsyncDisposableStack): void {
  if (type === '') return
  if (type === 'DirectoryOrCreate' || type === 'FileOrCreate') {
    makePath(path, type, undo)
    return
  }
  const { holds, says } = checks[type]
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw refused(path, `stat ${path}: no such file or directory`)
  if (!found[holds]()) throw refused(path, `path ${path} is not ${says}`)
}

const refused = (path: string, problem: string): LibpodError =>
  new LibpodError('KUBE_INVALID', `in parsing HostPath in YAML: checking HostPath: ${problem}`, { subject: path })

function makePath(path: string, type: 'DirectoryOrCreate' | 'FileOrCreate', undo: AsyncDisposableStack): void {
  if (lstatSync(path, { throwIfNoEntry: false })) return
  if (type === 'FileOrCreate') {
    writeFileSync(path, '', { mode: 0o644, flag: 'wx' })
    undo.defer(() => rmSync(path, { force: true }))
    return
  }
  const first = mkdirSync(path, { recursive: true, mode: 0o755 })
  if (first !== undefined) undo.defer(() => removeEmpty(path, first))
}

/** What has been put there meanwhile stays. */
function removeEmpty(path: string, first: string): void {
  try {
    for (let at = path; at.length >= first.length; at = dirname(at)) rmdirSync(at)
  } catch (error) {
    if (!['ENOTEMPTY', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
