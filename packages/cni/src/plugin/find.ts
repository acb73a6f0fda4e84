import { statSync } from 'node:fs'
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
    if (isFile(path)) return path
  }
  const where = directories.length > 0 ? directories.join(', ') : 'no directory'
  throw new CniError('PLUGIN_MISSING', `CNI plugin "${type}" is not in ${where}`, { subject: type })
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}
