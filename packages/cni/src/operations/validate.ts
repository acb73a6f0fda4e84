import type { NetworkList } from '../config/network-list.ts'
import { CniError } from '../errors.ts'
import type { PluginOptions } from '../plugin/execute.ts'
import { version } from './version.ts'

/**
 * Whether a network can be used here: each plugin exists and speaks the network's version. Gives the capabilities that any
 * of its plugins takes.
 * @throws CniError PLUGIN_MISSING, VERSION_INCOMPATIBLE
 */
export async function validateNetwork(list: NetworkList, options: PluginOptions): Promise<readonly string[]> {
  for (const { type } of list.plugins) {
    const spoken = await version(type, options)
    if (spoken.supportedVersions.includes(list.cniVersion)) continue
    const reason = `plugin "${type}" speaks CNI ${spoken.supportedVersions.join(', ')}, not ${list.cniVersion} of "${list.name}"`
    throw new CniError('VERSION_INCOMPATIBLE', reason, { subject: type })
  }
  return capabilitiesOf(list)
}

/** Names of the capability args that any plugin of the list takes. */
export function capabilitiesOf(list: Pick<NetworkList, 'plugins'>): readonly string[] {
  const names = list.plugins.flatMap(({ capabilities = {} }) => {
    return Object.keys(capabilities).filter(name => capabilities[name] === true)
  })
  return [...new Set(names)].sort()
}
