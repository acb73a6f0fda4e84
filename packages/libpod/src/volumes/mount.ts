import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Lockfile } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import { mountsBelow, unmountBelow } from '../host/mounts.ts'
import { volumeDirectory } from './create.ts'
import { needsMount, readVolumeOptions, type VolumeOptions } from './options.ts'
import type { VolumeMountRooms, VolumeRooms } from './rooms.ts'
import { VolumeTable } from './table.ts'

/**
 * Makes a volume usable and counts the user; the directory to bind. A volume that is plain files needs nothing else, one with
 * `type` or `device` is mounted by the first user. @throws LibpodError VOLUME_UNKNOWN, SPEC_INVALID
 */
export function mountVolume(rooms: VolumeMountRooms, name: string): Promise<string> {
  return exclusively(rooms, name, async table => {
    const volume = table.find(name)
    const directory = volumeDirectory(rooms, volume.name)
    const options = readVolumeOptions(volume.config.options)
    const count = countOf(rooms, volume.status)
    if (count === 0 && needsMount(options)) await mountOver(directory, options, volume.name)
    table.change(volume.name, ({ status }) => ({ ...status, mountCount: count + 1, bootId: rooms.host.bootId }))
    return directory
  })
}

/** Counts down; unmounts what was mounted at zero. Once too often does nothing. @throws LibpodError VOLUME_UNKNOWN */
export function unmountVolume(rooms: VolumeMountRooms, name: string): Promise<void> {
  return exclusively(rooms, name, async table => {
    const volume = table.find(name)
    const count = countOf(rooms, volume.status)
    if (count === 0) return
    if (count === 1) unmountBelow(volumeDirectory(rooms, volume.name))
    table.change(volume.name, ({ status }) => ({ ...status, mountCount: count - 1, bootId: rooms.host.bootId }))
  })
}

/** Whatever the count says: for removal. */
export function releaseVolume(rooms: Pick<VolumeRooms, 'options'>, name: string): void {
  unmountBelow(volumeDirectory(rooms, name))
}

const countOf = (
  rooms: VolumeMountRooms,
  { bootId, mountCount }: { readonly bootId?: string; readonly mountCount: number },
): number => (bootId === rooms.host.bootId ? mountCount : 0)

function exclusively<T>(rooms: VolumeMountRooms, name: string, work: (table: VolumeTable) => Promise<T>): Promise<T> {
  const table = new VolumeTable(rooms.state.database)
  const lock = new Lockfile(`${rooms.options.volumePath}/.locks/${table.find(name).name}.lock`)
  return lock.hold('write', () => work(table))
}

/** By mount(8): it knows the helpers of network file systems. Nothing of the caller's environment is handed on. */
async function mountOver(
  directory: string,
  { type, device, mountOptions }: VolumeOptions,
  name: string,
): Promise<void> {
  if (mountsBelow(directory).includes(directory)) return
  const args = [
    ...(mountOptions.length > 0 ? ['-o', mountOptions.join(',')] : []),
    ...(type === '' || type === 'bind' ? (type === 'bind' ? ['--bind'] : []) : ['-t', type]),
    '--',
    device || type,
    directory,
  ]
  try {
    await promisify(execFile)('mount', args, { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' } })
  } catch (cause) {
    const words = (cause as { readonly stderr?: string }).stderr?.trim()
    throw new LibpodError('SPEC_INVALID', `mounting volume ${name}: ${words || (cause as Error).message}`, {
      subject: name,
      cause,
    })
  }
}
