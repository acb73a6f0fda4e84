import { CniError } from '../errors.ts'
import { isObject, isText, isTextList, type JsonObject, parseObject } from '../json.ts'
import { checkNetworkName, checkPluginType } from '../names.ts'
import { chooseVersion } from '../version.ts'
import type { NetworkList, PluginConfig } from './network-list.ts'

/**
 * A `.conflist` file.
 * @throws CniError CONFIG_INVALID, VERSION_INCOMPATIBLE
 */
export function parseConflist(bytes: Uint8Array | string): NetworkList {
  const file = objectOf(bytes)
  const plugins = file.plugins ?? []
  if (!Array.isArray(plugins)) throw invalid('"plugins" is not a list')
  const list = headOf(file, plugins.map(parsePlugin), bytes)
  if (list.plugins.length === 0 && list.loadOnlyInlinedPlugins) throw invalid('it lists no plugin', list.name)
  return list
}

/**
 * A `.conf` file, which holds a single plugin, as the list of one that it means.
 * @throws CniError CONFIG_INVALID, VERSION_INCOMPATIBLE
 */
export function parseConf(bytes: Uint8Array | string): NetworkList {
  const file = objectOf(bytes)
  const list = headOf(file, [parsePlugin(file)], bytes)
  const conflist = { name: list.name, cniVersion: list.cniVersion, plugins: [file] }
  return { ...list, bytes: Buffer.from(JSON.stringify(conflist)), loadOnlyInlinedPlugins: true }
}

/** A plugin object of a list, or of a file beside a list. @throws CniError CONFIG_INVALID */
export function parsePlugin(value: unknown): PluginConfig {
  if (!isObject(value)) throw invalid('a plugin is not an object')
  if (!isText(value.type)) throw invalid('a plugin has no "type"')
  checkPluginType(value.type)
  const capabilities = value.capabilities ?? {}
  if (!isObject(capabilities)) throw invalid('"capabilities" is not an object', value.type)
  return value as PluginConfig
}

function headOf(file: JsonObject, plugins: readonly PluginConfig[], bytes: Uint8Array | string): NetworkList {
  if (!isText(file.name) || file.name === '') throw invalid('it has no "name"')
  const name = checkNetworkName(file.name)
  const { cniVersion, cniVersions } = file
  if (cniVersion !== undefined && !isText(cniVersion)) throw invalid('"cniVersion" is no text', name)
  if (cniVersions !== undefined && !isTextList(cniVersions)) throw invalid('"cniVersions" is no list of texts', name)
  return {
    cniVersion: chooseVersion(cniVersion, cniVersions),
    name,
    disableCheck: switchOf(file, 'disableCheck'),
    disableGC: switchOf(file, 'disableGC'),
    loadOnlyInlinedPlugins: switchOf(file, 'loadOnlyInlinedPlugins'),
    plugins,
    bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
  }
}

// Written as text too: some generators have no booleans.
function switchOf(file: JsonObject, key: string): boolean {
  const value = file[key] ?? false
  if (typeof value === 'boolean') return value
  if (isText(value) && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true'
  throw invalid(`"${key}" is neither true nor false`)
}

function objectOf(bytes: Uint8Array | string): JsonObject {
  const file = parseObject(bytes)
  if (file) return file
  throw invalid('it is not a JSON object')
}

const invalid = (reason: string, subject?: string) => {
  const whose = subject === undefined ? '' : ` of "${subject}"`
  return new CniError('CONFIG_INVALID', `invalid network configuration${whose}: ${reason}`, { subject })
}
