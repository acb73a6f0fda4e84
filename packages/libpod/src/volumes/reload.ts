import { LibpodError } from '../errors.ts'
import { createVolume } from './create.ts'
import { checkPlugin, listPluginVolumes, type VolumePlugin } from './plugins/client.ts'
import { configuredPlugins } from './plugins/find.ts'
import { forgetVolume } from './remove.ts'
import type { VolumeRooms } from './rooms.ts'
import { VolumeTable } from './table.ts'
import type { VolumeReload } from './volumes.ts'

/** Learns of all volumes that plugins keep, and forgets those that they do not keep any more. */
export async function reloadVolumes(rooms: VolumeRooms): Promise<VolumeReload> {
  const [added, removed, errors]: [string[], string[], Error[]] = [[], [], []]
  const kept = new Set<string>()
  const silent = new Set<string>()
  for (const plugin of configuredPlugins(rooms)) {
    const names = await namesIn(plugin).catch(error => {
      errors.push(error)
      silent.add(plugin.name)
      return []
    })
    for (const name of names) {
      kept.add(name)
      if (await learn(rooms, plugin, name).catch(error => void errors.push(error))) added.push(name)
    }
  }
  for (const { name, config } of new VolumeTable(rooms.state.database).all()) {
    if (config.driver === 'local' || config.storageId !== undefined || kept.has(name) || silent.has(config.driver))
      continue
    const gone = await forget(rooms, name, config.driver).catch(error => void errors.push(error))
    if (gone) removed.push(name)
  }
  return { added, removed, errors }
}

async function namesIn(plugin: VolumePlugin): Promise<readonly string[]> {
  await checkPlugin(plugin)
  return listPluginVolumes(plugin).catch((cause: Error) => {
    const text = `failed to read volumes from plugin ${JSON.stringify(plugin.name)}: ${cause.message}`
    throw new LibpodError('VOLUME_PLUGIN_FAILED', text, { subject: plugin.name, cause })
  })
}

/** True when it was not known; whose name is taken stays what it is. */
async function learn(rooms: VolumeRooms, { name: driver }: VolumePlugin, name: string): Promise<boolean> {
  if (new VolumeTable(rooms.state.database).byName(name)) return false
  await createVolume(rooms, { name, driver, onNameConflict: 'ignore' }, 'found')
  return true
}

async function forget(rooms: VolumeRooms, name: string, driver: string): Promise<boolean> {
  try {
    await forgetVolume(rooms, name)
    return true
  } catch (error) {
    if (!(error instanceof LibpodError && error.code === 'VOLUME_IN_USE')) throw error
    const text = `volume was removed from the plugin ${JSON.stringify(driver)} but containers still require it`
    throw new LibpodError('VOLUME_IN_USE', `${text}: ${error.message}`, { subject: name, cause: error })
  }
}
