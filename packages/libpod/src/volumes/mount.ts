import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { LibpodError } from '../errors.ts'
import { mountsBelow, unmountBelow } from '../host/mounts.ts'
import { volumeDirectory } from './create.ts'
import { mountImageStorage, unmountImageStorage } from './image.ts'
import { withVolume } from './lock.ts'
import { needsMount, readVolumeOptions, type VolumeOptions } from './options.ts'
import { mountPluginVolume, unmountPluginVolume } from './plugins/client.ts'
import { pluginOf } from './plugins/find.ts'
import type { VolumeMountRooms, VolumeRooms } from './rooms.ts'
import type { StoredVolume } from './table.ts'

/**
 * Makes a volume usable and counts the user; the directory to bind. A volume that is plain files needs nothing else, one with
 * `type` or `device` is mounted by the first user. @throws LibpodError VOLUME_UNKNOWN, SPEC_INVALID
 */
export function mountVolume(rooms: VolumeMountRooms, name: string): Promise<string> {
  return withVolume(rooms, name, async table => {
    const volume = table.find(name)
    const count = countOf(rooms, volume.status)
    const directory = await placeOf(rooms, volume, count)
    const place = volume.config.driver === 'local' ? {} : { mountPoint: directory }
    const { bootId } = rooms.host
    table.change(volume.name, ({ status }) => ({ ...status, ...place, mountCount: count + 1, bootId }))
    return directory
  })
}

/** Counts down; unmounts what was mounted at zero. Once too often does nothing. @throws LibpodError VOLUME_UNKNOWN */
export function unmountVolume(rooms: VolumeMountRooms, name: string): Promise<void> {
  return withVolume(rooms, name, async table => {
    const volume = table.find(name)
    const count = countOf(rooms, volume.status)
    if (count === 0) return
    if (count === 1) await release(rooms, volume)
    const { bootId } = rooms.host
    table.change(volume.name, ({ status: { mountPoint, ...status } }) => ({
      ...status,
      ...(count > 1 && mountPoint !== undefined && { mountPoint }),
      mountCount: count - 1,
      bootId,
    }))
  })
}

/** Where the volume is; its first user has it mounted. */
async function placeOf(rooms: VolumeMountRooms, volume: StoredVolume, users: number): Promise<string> {
  const { name, config, status } = volume
  if (config.storageId !== undefined) return (users > 0 && status.mountPoint) || mountImageStorage(rooms, volume)
  const plugin = await pluginFor(rooms, config.driver, name)
  if (plugin) return (users > 0 && status.mountPoint) || mountPluginVolume(plugin, name)
  const directory = volumeDirectory(rooms, name)
  const options = readVolumeOptions(config.options)
  if (users === 0 && needsMount(options)) await mountOver(directory, options, name)
  return directory
}

async function release(rooms: VolumeMountRooms, { name, config }: StoredVolume): Promise<void> {
  if (config.storageId !== undefined) return unmountImageStorage(rooms, config.storageId)
  const plugin = await pluginFor(rooms, config.driver, name)
  if (plugin) await unmountPluginVolume(plugin, name)
  else unmountBelow(volumeDirectory(rooms, name))
}

const pluginFor = (rooms: Pick<VolumeMountRooms, 'config'>, driver: string, name: string) =>
  pluginOf(rooms, driver).catch((cause: unknown) => {
    if (!(cause instanceof LibpodError && cause.code === 'VOLUME_PLUGIN_UNKNOWN')) throw cause
    const text = `volume plugin ${driver} (needed by volume ${name}) missing: required plugin missing`
    throw new LibpodError(cause.code, text, { subject: name, cause })
  })

/** Whatever the count says: for removal. */
export function releaseVolume(rooms: Pick<VolumeRooms, 'options'>, name: string): void {
  unmountBelow(volumeDirectory(rooms, name))
}

const countOf = (
  rooms: VolumeMountRooms,
  { bootId, mountCount }: { readonly bootId?: string; readonly mountCount: number },
): number => (bootId === rooms.host.bootId ? mountCount : 0)

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
