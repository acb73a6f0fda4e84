import { constants } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RuntimeToolsError } from '../errors.ts'
import type { HookDefinition } from './definition.ts'
import { parseHook } from './parse.ts'

const sizeLimit = 1 << 20

/**
 * The hooks of directories, sorted by file name without regard to case. A later directory replaces a file of the same name; one that
 * does not exist is empty. Links, and files or directories that anyone may write, are refused: whoever can write one runs as us.
 * @throws RuntimeToolsError HOOK_INVALID
 */
export async function readHooks(directories: readonly string[]): Promise<readonly HookDefinition[]> {
  const paths = new Map<string, string>()
  for (const directory of directories) {
    for (const name of await hookFiles(directory)) paths.set(name, join(directory, name))
  }
  const names = [...paths].sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
  return Promise.all(names.map(async ([name, path]) => parseHook(name, await readHookFile(path))))
}

async function hookFiles(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (names.length > 0 && (await stat(directory)).mode & 0o002)
    throw refused(directory, 'anyone may write this directory')
  return names.filter(name => name.endsWith('.json'))
}

async function readHookFile(path: string): Promise<string> {
  await using file = await openHookFile(path)
  const { mode, size } = await file.stat()
  const reason = mode & 0o002 ? 'anyone may write it' : size > sizeLimit ? 'it is too large' : undefined
  if (reason) throw refused(path, reason)
  return file.readFile('utf8')
}

async function openHookFile(path: string) {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ELOOP') throw refused(path, 'it is a link')
    throw cause
  }
}

const refused = (path: string, reason: string) =>
  new RuntimeToolsError('HOOK_INVALID', `hook file ${path}: ${reason}`, { subject: path })
