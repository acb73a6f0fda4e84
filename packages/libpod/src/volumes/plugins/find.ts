import type { EngineConfig } from '../../config/engine-config.ts'
import { LibpodError } from '../../errors.ts'
import { checkPlugin, type VolumePlugin } from './client.ts'

interface Configured {
  readonly config: EngineConfig
}

/** All that containers.conf names, in its order. */
export const configuredPlugins = ({ config: { engine } }: Configured): readonly VolumePlugin[] =>
  Object.entries(engine.volumePlugins).map(([name, socket]) => ({ name, socket, timeout: engine.volumePluginTimeout }))

/** The plugin of a driver, found to be one; undefined for the engine's own. @throws LibpodError VOLUME_PLUGIN_UNKNOWN, VOLUME_PLUGIN_FAILED */
export async function pluginOf(rooms: Configured, driver: string): Promise<VolumePlugin | undefined> {
  if (driver === 'local') return undefined
  const plugin = configuredPlugins(rooms).find(({ name }) => name === driver)
  if (!plugin) {
    const text = `no volume plugin with name ${driver} available: required plugin missing`
    throw new LibpodError('VOLUME_PLUGIN_UNKNOWN', text, { subject: driver })
  }
  await checkPlugin(plugin)
  return plugin
}
