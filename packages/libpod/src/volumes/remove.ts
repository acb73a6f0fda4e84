import { dirname } from 'node:path'
import { removeTree } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import type { Filters } from '../filters/values.ts'
import type { Call } from '../spec/call.ts'
import { volumeDirectory } from './create.ts'
import { removeImageStorage } from './image.ts'
import { matching } from './list.ts'
import { releaseVolume } from './mount.ts'
import { getPluginVolume, removePluginVolume, unmountPluginVolume } from './plugins/client.ts'
import { pluginOf } from './plugins/find.ts'
import type { VolumeRooms } from './rooms.ts'
import { type StoredVolume, VolumeTable } from './table.ts'

type Options = { readonly users?: 'refuse' | 'remove'; readonly timeout?: number } & Call

/** Removes a volume and its files. @throws LibpodError VOLUME_UNKNOWN, VOLUME_IN_USE */
export async function removeVolume(rooms: VolumeRooms, text: string, options: Options = {}): Promise<void> {
  const table = new VolumeTable(rooms.state.database)
  const { name } = table.find(text)
  const users = table.users(name)
  if (users.length > 0 && options.users !== 'remove') throw inUse(name, users)
  const timeout = options.timeout === undefined ? {} : { timeout: options.timeout }
  for (const id of users) {
    await rooms.containers
      .remove(id, { running: 'kill', volumes: 'keep', dependents: 'remove', ...timeout })
      .catch((error: unknown) => {
        if (!(error instanceof LibpodError && error.code === 'CONTAINER_UNKNOWN')) throw error
      })
  }
  await drop(rooms, name)
}

const inUse = (name: string, users: readonly string[]): LibpodError =>
  new LibpodError(
    'VOLUME_IN_USE',
    `volume ${name} is being used by the following container(s): ${users.join(', ')}: volume is being used`,
    { subject: name },
  )

/** The record goes first: what is left of the files then belongs to nobody, and a new volume of the name clears it away. */
async function drop(rooms: VolumeRooms, name: string): Promise<void> {
  const volume = new VolumeTable(rooms.state.database).byName(name)
  const isPlugins = volume && volume.config.driver !== 'local' && volume.config.storageId === undefined
  const problem = isPlugins ? await removeFromPlugin(rooms, volume) : undefined
  await forgetVolume(rooms, name)
  if (problem) throw problem
}

/** Why the plugin could not be asked: then the volume is forgotten nevertheless. @throws LibpodError VOLUME_IN_USE, VOLUME_PLUGIN_FAILED */
async function removeFromPlugin(
  rooms: VolumeRooms,
  { name, config: { driver }, status }: StoredVolume,
): Promise<Error | undefined> {
  const users = new VolumeTable(rooms.state.database).users(name)
  if (users.length > 0) throw inUse(name, users)
  const plugin = await pluginOf(rooms, driver)
    .then(async found => {
      if (found) await getPluginVolume(found, name)
      return found
    })
    .catch((error: LibpodError) => error)
  if (plugin instanceof LibpodError) return unasked(plugin, name, driver)
  if (!plugin) return undefined
  try {
    if (status.mountPoint !== undefined) await unmountPluginVolume(plugin, name)
    await removePluginVolume(plugin, name)
    return undefined
  } catch (cause) {
    const text = `volume ${name} could not be removed from plugin ${driver}: ${(cause as Error).message}`
    throw new LibpodError('VOLUME_PLUGIN_FAILED', text, { subject: name, cause })
  }
}

function unasked(cause: LibpodError, name: string, driver: string): LibpodError {
  const still = `from plugin ${driver}, but it has been removed from Podman`
  const text =
    cause.code === 'VOLUME_PLUGIN_UNKNOWN'
      ? `cannot remove volume ${name} ${still}: required plugin missing`
      : `volume ${name} could not be retrieved ${still}: ${cause.message}`
  return new LibpodError(cause.code, text, { subject: name, cause })
}

/** Without asking its plugin, when it is one's. @throws LibpodError VOLUME_IN_USE */
export async function forgetVolume(rooms: VolumeRooms, name: string): Promise<void> {
  const table = new VolumeTable(rooms.state.database)
  const storageId = table.byName(name)?.config.storageId
  if (!table.delete(name)) {
    const users = table.users(name)
    if (users.length > 0) throw inUse(name, users)
    return
  }
  releaseVolume(rooms, name)
  if (storageId !== undefined) await removeImageStorage(rooms, storageId)
  removeTree(dirname(volumeDirectory(rooms, name)))
  removeTree(`${rooms.options.volumePath}/.locks/${name}.lock`)
  await rooms.events.write({ type: 'volume', status: 'remove', name })
}

/** What `rm -v` and `--rm` do with a container's nameless volumes, those that nobody else uses. */
export async function removeAnonymous(rooms: VolumeRooms, names: readonly string[]): Promise<void> {
  const table = new VolumeTable(rooms.state.database)
  for (const name of names) {
    if (table.byName(name)?.config.anonymous === 'yes' && table.users(name).length === 0) await drop(rooms, name)
  }
}

/** Removes every volume that no container uses. @throws LibpodError SPEC_INVALID */
export async function pruneVolumes(rooms: VolumeRooms, filters: Filters = {}) {
  const { directorySize } = await import('./size.ts')
  const pruned: { readonly id: string; readonly size: number; readonly error?: Error }[] = []
  for (const { volume, users } of matching(rooms, filters)) {
    if (users.length > 0) continue
    const size = directorySize(volumeDirectory(rooms, volume.name))
    try {
      await drop(rooms, volume.name)
      pruned.push({ id: volume.name, size })
    } catch (error) {
      pruned.push({ id: volume.name, size: 0, error: error instanceof Error ? error : new Error(String(error)) })
    }
  }
  if (pruned.length > 0) await rooms.events.write({ type: 'volume', status: 'prune' })
  return pruned
}
