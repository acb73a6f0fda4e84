import { accessSync, constants, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ImageError } from '../errors.ts'
import type { AccessOptions } from '../transports/transport.ts'
import { aliasFile } from './aliases.ts'
import { mergeRegistries } from './merge.ts'
import { type RegistriesFile, readRegistriesFile } from './parse.ts'
import type { Registries } from './registries.ts'

/**
 * Reads registries.conf and its drop-ins from the usual places (interop C2). A handful of small files: reading them at once takes
 * less than the threads that would read them meanwhile.
 * @throws ImageError REGISTRIES_INVALID naming the file
 */
export async function loadRegistries(access: AccessOptions = {}): Promise<Registries> {
  const files: RegistriesFile[] = []
  for (const path of configFiles(access)) {
    const file = await readFileAt(path)
    if (file !== undefined) files.push(file)
  }
  const chosen = await readFileAt(aliasFile(access))
  return mergeRegistries(
    chosen === undefined ? files : [...files, { path: chosen.path, tables: [], aliases: chosen.aliases }],
  )
}

function configFiles(access: AccessOptions): readonly string[] {
  const env = access.env ?? process.env
  const user = join(env.HOME ?? homedir(), '.config/containers')
  const explicit = access.registriesConf ?? env.CONTAINERS_REGISTRIES_CONF ?? env.REGISTRIES_CONFIG_PATH
  if (access.registriesConfDir !== undefined) return [explicit ?? '', ...dropIns(access.registriesConfDir)]
  if (explicit !== undefined && explicit !== '') return [explicit]
  const own = join(user, 'registries.conf')
  const hasOwn = isReadable(own)
  const userDropIns = dropIns(join(user, 'registries.conf.d'))
  if (hasOwn) return [own, ...userDropIns]
  const system = '/etc/containers/registries.conf'
  return [system, ...dropIns(`${system}.d`), ...userDropIns]
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

function dropIns(directory: string): readonly string[] {
  return namesIn(directory)
    .filter(name => name.endsWith('.conf'))
    .sort()
    .map(name => join(directory, name))
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

async function readFileAt(path: string): Promise<RegistriesFile | undefined> {
  if (path === '') return undefined
  const text = readIfThere(path)
  if (text === undefined || text.trim() === '') return undefined
  return readRegistriesFile(await parseToml(text, path), path)
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new ImageError('REGISTRIES_INVALID', `loading registries configuration "${path}": ${message}`, { cause })
  }
}

async function parseToml(text: string, path: string): Promise<Record<string, unknown>> {
  const { parse } = await import('smol-toml')
  try {
    return parse(text)
  } catch (cause) {
    throw new ImageError(
      'REGISTRIES_INVALID',
      `loading registries configuration "${path}": ${(cause as Error).message}`,
      { cause },
    )
  }
}
