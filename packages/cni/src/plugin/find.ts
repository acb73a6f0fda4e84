import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CniError } from '../errors.ts'
import { checkPluginType } from '../names.ts'

/**
 * The program of a plugin: the first regular file of its name in the directories.
 * @throws CniError PLUGIN_MISSING, CONFIG_INVALID when the type is no plain name
 */
export async function findPlugin(type: string, directories: readonly string[]): Promise<string> {
  checkPluginType(type)
  for (const directory of directories) {
    const path = join(directory, type)
    const found = await stat(path).catch(() => undefined)
    if (found?.isFile()) return path
  }
  const where = directories.length > 0 ? directories.join(', ') : 'no directory'
  throw new CniError('PLUGIN_MISSING', `CNI plugin "${type}" is not in ${where}`, { subject: type })
}
