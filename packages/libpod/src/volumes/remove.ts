import { dirname } from 'node:path'
import { removeTree } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import type { Filters } from '../filters/values.ts'
import type { Call } from '../spec/call.ts'
import { volumeDirectory } from './create.ts'
import { matching } from './list.ts'
import { releaseVolume } from './mount.ts'
import type { VolumeRooms } from './rooms.ts'
import { VolumeTable } from './table.ts'

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
  const table = new VolumeTable(rooms.state.database)
  if (!table.delete(name)) {
    const users = table.users(name)
    if (users.length > 0) throw inUse(name, users)
    return
  }
  releaseVolume(rooms, name)
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
