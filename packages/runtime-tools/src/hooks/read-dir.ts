import { constants, readdirSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
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
    for (const name of hookFiles(directory)) paths.set(name, join(directory, name))
  }
  const names = [...paths].sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
  return Promise.all(names.map(async ([name, path]) => parseHook(name, await readHookFile(path))))
}

function hookFiles(directory: string): readonly string[] {
  const names = entriesOf(directory)
  if (names.length > 0 && statSync(directory).mode & 0o002) throw refused(directory, 'anyone may write this directory')
  return names.filter(name => name.endsWith('.json'))
}

function entriesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
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
