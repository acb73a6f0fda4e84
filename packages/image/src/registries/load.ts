import { accessSync, constants, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ImageError } from '../errors.ts'
import { fileProblem } from '../files/problem.ts'
import type { AccessOptions } from '../transports/transport.ts'
import { aliasFile } from './aliases.ts'
import { mergeRegistries } from './merge.ts'
import { type RegistriesFile, readRegistriesFile } from './parse.ts'
import type { Registries } from './registries.ts'

/**
 * Reads registries.conf and its drop-ins from the usual places (containers-registries.conf(5)). A handful of small files: reading them at once takes
 * less than the threads that would read them meanwhile.
 * @throws ImageError REGISTRIES_INVALID naming the file
 */
export async function loadRegistries(access: AccessOptions = {}): Promise<Registries> {
  const { main, asked, dropIns: more } = configFiles(access)
  const files: RegistriesFile[] = []
  const first = await readFileAt(main, asked)
  if (first !== undefined) files.push(first)
  for (const path of more) {
    const file = await readFileAt(path, 'if-there')
    if (file?.version === 1)
      throw new ImageError(
        'REGISTRIES_INVALID',
        `loading drop-in registries configuration ${JSON.stringify(path)}: registry must be in v2 format but is in v1`,
      )
    if (file !== undefined) files.push(file)
  }
  const chosen = await readFileAt(aliasFile(access), 'if-there')
  return mergeRegistries(
    chosen === undefined ? files : [...files, { path: chosen.path, version: 2, tables: [], aliases: chosen.aliases }],
  )
}

interface ConfigFiles {
  readonly main: string
  /** A file that was named must be there. */
  readonly asked: 'must-be-there' | 'if-there'
  readonly dropIns: readonly string[]
}

/** Drop-ins are read beside a file that was named too; beside the user's own file only the user's. */
function configFiles(access: AccessOptions): ConfigFiles {
  const env = access.env ?? process.env
  const user = join(env.HOME ?? homedir(), '.config/containers')
  const explicit = access.registriesConf || env.CONTAINERS_REGISTRIES_CONF || env.REGISTRIES_CONFIG_PATH || ''
  const system = '/etc/containers/registries.conf'
  const own = join(user, 'registries.conf')
  const main = explicit || (isReadable(own) ? own : system)
  const directories =
    access.registriesConfDir === undefined
      ? [...(main === own ? [] : [`${system}.d`]), join(user, 'registries.conf.d')]
      : [access.registriesConfDir]
  return {
    main,
    asked: explicit === '' ? 'if-there' : 'must-be-there',
    dropIns: directories.flatMap(dropIns),
  }
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

async function readFileAt(path: string, asked: ConfigFiles['asked']): Promise<RegistriesFile | undefined> {
  const text = readIfThere(path, asked)
  if (text === undefined || text.trim() === '') return undefined
  return readRegistriesFile(await parseToml(text, path), path)
}

function readIfThere(path: string, asked: ConfigFiles['asked']): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const error = cause as NodeJS.ErrnoException
    if (error.code === 'ENOENT' && asked === 'if-there') return undefined
    const why = fileProblem(error)
    throw new ImageError('REGISTRIES_INVALID', `loading registries configuration "${path}": ${why}`, { cause })
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
