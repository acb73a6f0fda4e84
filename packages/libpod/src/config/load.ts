import { readdirSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { LibpodError } from '../errors.ts'
import { wrongKind } from './check-kinds.ts'
import { type WrongValue, wrongValue, wrongWhenOpened } from './check-values.ts'
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
 * @throws LibpodError CONFIG_MALFORMED, CONFIG_INVALID naming file and key
 */
export async function loadConfig(place: ConfigPlace): Promise<EngineConfig> {
  const files = [...configFiles(place), ...place.modules.map(name => findModule(name, place))]
  const read: File[] = []
  for (const path of files) {
    const text = readOptional(path)
    if (text === undefined && path === place.env.CONTAINERS_CONF) throw malformed(path, 'no such file or directory')
    if (text !== undefined) read.push({ path, table: await parse(text, path) })
  }
  const document = read.reduce((under: Table, { table }) => mergeTables(under, table), {})
  refuse(read, wrongValue(document), 'CONFIG_MALFORMED')
  refuse(read, wrongWhenOpened(document), 'CONFIG_INVALID')
  return readConfig(
    document,
    read.map(({ path }) => path),
  )
}

interface File {
  readonly path: string
  readonly table: Table
}

const malformed = (file: string, reason: string, cause?: unknown): LibpodError =>
  new LibpodError('CONFIG_MALFORMED', `reading ${file}: ${reason}`, { subject: file, cause })

/** The value is that of the last file which has the key. */
function refuse(
  files: readonly File[],
  wrong: WrongValue | undefined,
  code: 'CONFIG_MALFORMED' | 'CONFIG_INVALID',
): void {
  if (wrong === undefined) return
  const file = files.findLast(({ table }) => (table[wrong.section] as Table | undefined)?.[wrong.key] !== undefined)
  throw new LibpodError(code, `reading ${file?.path}: ${wrong.reason}`, { subject: `${wrong.section}.${wrong.key}` })
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
      'CONFIG_MALFORMED',
      `could not resolve module "${name}": stat ${places.at(-1)}: no such file or directory`,
      { subject: name },
    )
  return found
}

async function parse(text: string, file: string): Promise<Table> {
  const settings = withoutComments(text)
  if (saysNothing(settings)) return {}
  const table = readToml(settings, file, await import('smol-toml'))
  const wrong = wrongKind(table)
  if (wrong !== undefined) throw malformed(file, wrong)
  return table
}

function readToml(text: string, file: string, { parse: read, TomlError }: typeof import('smol-toml')): Table {
  try {
    return read(text)
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    const [reason = ''] = cause.message.replace(/^Invalid TOML document: /, '').split('\n')
    throw malformed(file, `line ${cause.line}: ${reason}`, cause)
  }
}

/** Tables without a key, of which none comes twice. */
function saysNothing(settings: string): boolean {
  const lines = settings
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
  return lines.every(line => /^\[[\w.-]+\]$/.test(line)) && new Set(lines).size === lines.length
}

/** The file that distributions install is 700 lines of comments. */
const withoutComments = (text: string): string => (/"""|'''/.test(text) ? text : text.replaceAll(/^[ \t]*#.*$/gm, ''))

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR')
      return undefined
    throw malformed(path, reasonOf(error as Error), error)
  }
}

/** `is a directory`, of `EISDIR: illegal operation on a directory, read`. */
const reasonOf = (error: NodeJS.ErrnoException): string =>
  error.code === 'EISDIR' ? 'is a directory' : (/^[A-Z0-9]+: ([^,]+),/.exec(error.message)?.[1] ?? error.message)

function listOptional(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
