import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CniError } from '../errors.ts'
import { parseObject } from '../json.ts'
import type { NetworkList } from './network-list.ts'
import { parseConf, parseConflist, parsePlugin } from './parse.ts'

/** A network and the file that describes it. */
export interface NetworkFile {
  readonly path: string
  readonly list: NetworkList
}

/**
 * The network of this name: the first `*.conflist` by path whose name matches, else the first `*.conf` or `*.json`.
 * @throws CniError NETWORK_UNKNOWN, CONFIG_INVALID, VERSION_INCOMPATIBLE
 */
export async function loadNetworkList(directory: string, name: string): Promise<NetworkList> {
  const found = firstNamed(directory, name, 'lists') ?? firstNamed(directory, name, 'single plugins')
  if (found) return found
  throw new CniError('NETWORK_UNKNOWN', `no network "${name}" is configured in ${directory}`, { subject: name })
}

/**
 * Every `*.conflist` of a directory, sorted by path. A file that cannot be used, or names a network that an earlier file
 * has, is left out and told to `onProblem`.
 */
export async function listNetworks(
  directory: string,
  onProblem: (path: string, error: unknown) => void = () => {},
): Promise<readonly NetworkFile[]> {
  const networks = new Map<string, NetworkFile>()
  for (const path of filesOf(directory, extensions.lists)) {
    try {
      const list = readConflist(directory, path)
      const earlier = networks.get(list.name)
      if (earlier) throw new CniError('CONFIG_INVALID', `${path} names the network of ${earlier.path} again`)
      networks.set(list.name, { path, list })
    } catch (error) {
      onProblem(path, error)
    }
  }
  return [...networks.values()]
}

const extensions = { lists: ['.conflist'], 'single plugins': ['.conf', '.json'] } as const

function firstNamed(directory: string, name: string, kind: keyof typeof extensions): NetworkList | undefined {
  for (const path of filesOf(directory, extensions[kind])) {
    const bytes = readFileSync(path)
    if (parseObject(bytes)?.name !== name) continue
    return kind === 'lists' ? readConflist(directory, path) : parseConf(bytes)
  }
  return undefined
}

function readConflist(directory: string, path: string): NetworkList {
  const list = parseConflist(readFileSync(path))
  if (list.loadOnlyInlinedPlugins) return list
  const plugins = [...list.plugins, ...pluginsBeside(join(directory, list.name))]
  if (plugins.length > 0) return { ...list, plugins }
  throw new CniError('CONFIG_INVALID', `${path} lists no plugin`, { subject: list.name })
}

/** Plugins of their own files, in a directory named like the network (CNI 1.1). */
function pluginsBeside(directory: string) {
  return filesOf(directory, ['.conf']).map(path => parsePlugin(parseObject(readFileSync(path))))
}

function filesOf(directory: string, endings: readonly string[]): readonly string[] {
  const files = entriesOf(directory).filter(
    entry => !entry.isDirectory() && endings.some(ending => entry.name.endsWith(ending)),
  )
  return files.map(entry => join(directory, entry.name)).sort()
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}
