import type { NetworkList } from '../config/network-list.ts'
import { pluginEnvironment } from '../plugin/environment.ts'
import { executePlugin, type PluginOptions } from '../plugin/execute.ts'
import { pluginInput } from '../plugin/input.ts'
import { atLeast } from '../version.ts'

/**
 * STATUS: resolves when every plugin is ready for ADD. Before version 1.1.0 there is no such question, and networks are ready.
 * @throws CniError PLUGIN_NOT_READY, PLUGIN_NOT_READY_LIMITED and the plugins' codes
 */
export async function status(list: NetworkList, options: PluginOptions): Promise<void> {
  if (!atLeast(list.cniVersion, '1.1.0')) return
  const env = pluginEnvironment('STATUS', undefined, options)
  for (const plugin of list.plugins)
    await executePlugin(plugin.type, { env, stdin: pluginInput(list, plugin) }, options)
}
