import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ImageError } from '../errors.ts'
import type { AccessOptions } from '../transports/transport.ts'
import { aliasFile } from './aliases.ts'
import { mergeRegistries } from './merge.ts'
import { type RegistriesFile, readRegistriesFile } from './parse.ts'
import type { Registries } from './registries.ts'

/**
 * Reads registries.conf and its drop-ins from the usual places (interop C2).
 * @throws ImageError REGISTRIES_INVALID naming the file
 */
export async function loadRegistries(access: AccessOptions = {}): Promise<Registries> {
  const files: RegistriesFile[] = []
  for (const path of await configFiles(access)) {
    const file = await readFileAt(path)
    if (file !== undefined) files.push(file)
  }
  const chosen = await readFileAt(aliasFile(access))
  return mergeRegistries(
    chosen === undefined ? files : [...files, { path: chosen.path, tables: [], aliases: chosen.aliases }],
  )
}

async function configFiles(access: AccessOptions): Promise<readonly string[]> {
  const env = access.env ?? process.env
  const user = join(env.HOME ?? homedir(), '.config/containers')
  const explicit = access.registriesConf ?? env.CONTAINERS_REGISTRIES_CONF ?? env.REGISTRIES_CONFIG_PATH
  if (access.registriesConfDir !== undefined) return [explicit ?? '', ...(await dropIns(access.registriesConfDir))]
  if (explicit !== undefined && explicit !== '') return [explicit]
  const own = join(user, 'registries.conf')
  const hasOwn = await readFile(own).then(
    () => true,
    () => false,
  )
  const userDropIns = await dropIns(join(user, 'registries.conf.d'))
  if (hasOwn) return [own, ...userDropIns]
  const system = '/etc/containers/registries.conf'
  return [system, ...(await dropIns(`${system}.d`)), ...userDropIns]
}

async function dropIns(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => [])
  return names
    .filter(name => name.endsWith('.conf'))
    .sort()
    .map(name => join(directory, name))
}

async function readFileAt(path: string): Promise<RegistriesFile | undefined> {
  if (path === '') return undefined
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new ImageError('REGISTRIES_INVALID', `loading registries configuration "${path}": ${error.message}`, {
      cause: error,
    })
  })
  if (text === undefined || text.trim() === '') return undefined
  return readRegistriesFile(await parseToml(text, path), path)
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
