import { readdirSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { LibpodError } from '../errors.ts'
import type { EngineConfig } from './engine-config.ts'
import { mergeTables, readConfig, type Table } from './merge.ts'

/** Who asks, and where their files are. */
export interface ConfigPlace {
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly modules: readonly string[]
}

/**
 * containers.conf(5): the files of the distribution, of the administrator and of the user with their drop-ins, one over the
 * other; CONTAINERS_CONF replaces them all, CONTAINERS_CONF_OVERRIDE and modules come last.
 * @throws LibpodError CONFIG_INVALID naming the file
 */
export async function loadConfig(place: ConfigPlace): Promise<EngineConfig> {
  const files = [...configFiles(place), ...place.modules.map(name => findModule(name, place))]
  const read: string[] = []
  let document: Table = {}
  for (const file of files) {
    const text = readOptional(file)
    if (text === undefined) continue
    document = mergeTables(document, await parse(text, file))
    read.push(file)
  }
  return readConfig(document, read)
}

function configFiles({ home, env }: ConfigPlace): readonly string[] {
  const last = env.CONTAINERS_CONF_OVERRIDE ? [env.CONTAINERS_CONF_OVERRIDE] : []
  if (env.CONTAINERS_CONF) return [env.CONTAINERS_CONF, ...last]
  const user = join(env.XDG_CONFIG_HOME || join(home, '.config'), 'containers')
  return [...['/usr/share/containers', '/etc/containers', user].flatMap(withDropIns), ...last]
}

function withDropIns(directory: string): readonly string[] {
  const folder = join(directory, 'containers.conf.d')
  const drops = listOptional(folder)
    .filter(name => name.endsWith('.conf'))
    .sort()
  return [join(directory, 'containers.conf'), ...drops.map(name => join(folder, name))]
}

function findModule(name: string, { home, env }: ConfigPlace): string {
  const user = join(env.XDG_CONFIG_HOME || join(home, '.config'), 'containers')
  const directories = [user, '/etc/containers', '/usr/share/containers']
  const places = isAbsolute(name) ? [name] : directories.map(path => join(path, 'containers.conf.modules', name))
  const found = places.find(path => readOptional(path) !== undefined)
  if (!found)
    throw new LibpodError(
      'CONFIG_INVALID',
      `could not resolve module "${name}": stat ${places.at(-1)}: no such file or directory`,
      { subject: name },
    )
  return found
}

async function parse(text: string, file: string): Promise<Table> {
  const settings = withoutComments(text)
  if (!settings.includes('=')) return {}
  const { parse: parseToml } = await import('smol-toml')
  try {
    return parseToml(settings)
  } catch (cause) {
    throw new LibpodError('CONFIG_INVALID', `reading ${file}: ${cause instanceof Error ? cause.message : cause}`, {
      subject: file,
      cause,
    })
  }
}

/** The file that distributions install is 700 lines of comments. */
const withoutComments = (text: string): string => (/"""|'''/.test(text) ? text : text.replaceAll(/^[ \t]*#.*$/gm, ''))

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR')
      return undefined
    throw new LibpodError('CONFIG_INVALID', `reading ${path}: ${(error as Error).message}`, {
      subject: path,
      cause: error,
    })
  }
}

function listOptional(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
