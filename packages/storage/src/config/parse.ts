import { parse } from 'smol-toml'
import { StorageError } from '../errors.ts'

/** What one storage.conf says; absent is not said. */
export interface Settings {
  readonly driver?: string
  readonly graphRoot?: string
  readonly runRoot?: string
  readonly rootlessPath?: string
  readonly imageStore?: string
  readonly transient?: 'yes' | 'no'
  readonly additionalImageStores?: readonly string[]
  readonly driverOptions?: readonly string[]
  readonly sync?: 'filesystem' | 'none'
  readonly pullOptions?: Readonly<Record<string, string>>
  readonly autoUser?: string
  readonly autoMinSize?: number
  readonly autoMaxSize?: number
  /** Whether the roots were set by a file that is the user's own. */
  readonly rootsFromUser?: 'yes' | 'no'
}

type Table = Readonly<Record<string, unknown>>

/** Keys of `[storage.options]` that are old spellings of the driver's. */
const legacyKeys = [
  'mountopt',
  'mount_program',
  'skip_mount_home',
  'ignore_chown_errors',
  'force_mask',
  'size',
  'inodes',
]

/** @throws StorageError CONFIG_INVALID */
export function parseSettings(text: string, path: string): Settings {
  const storage = table(readToml(text, path), 'storage')
  const options = table(storage, 'options')
  const string = (from: Table, key: string): string | undefined => expectString(from, key, path) || undefined
  const roots = { graphRoot: string(storage, 'graphroot'), runRoot: string(storage, 'runroot') }
  const transient = storage.transient_store
  return defined({
    driver: string(storage, 'driver'),
    ...roots,
    rootsFromUser: roots.graphRoot || roots.runRoot ? (isSystem(path) ? 'no' : 'yes') : undefined,
    rootlessPath: string(storage, 'rootless_storage_path'),
    imageStore: string(storage, 'imagestore'),
    transient: transient === undefined ? undefined : transient === true ? 'yes' : 'no',
    additionalImageStores: strings(options, 'additionalimagestores', path),
    driverOptions: driverOptions(options),
    sync: syncOf(table(options, 'overlay').sync ?? table(options, 'vfs').sync),
    pullOptions: pullOptions(table(options, 'pull_options')),
    autoUser: string(options, 'root-auto-userns-user'),
    autoMinSize: size(options, 'auto-userns-min-size'),
    autoMaxSize: size(options, 'auto-userns-max-size'),
  })
}

const isSystem = (path: string): boolean => /^\/(?:etc|usr\/share)\/containers\//.test(path)

const defined = (fields: { [K in keyof Settings]: Settings[K] | undefined }): Settings =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

/** Later files add to and overrule earlier ones, key by key. */
export function mergeSettings(earlier: Settings, later: Settings): Settings {
  const options = [...(earlier.driverOptions ?? []), ...(later.driverOptions ?? [])]
  return {
    ...earlier,
    ...later,
    ...(options.length > 0 && { driverOptions: lastOfKey(options) }),
    pullOptions: { ...earlier.pullOptions, ...later.pullOptions },
  }
}

const lastOfKey = (options: readonly string[]): string[] => [
  ...new Map(options.map(each => [each.slice(0, each.indexOf('=')), each])).values(),
]

function readToml(text: string, path: string): Table {
  try {
    return parse(withoutComments(text))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    throw new StorageError('CONFIG_INVALID', `${path}: ${reason}`, { subject: path, cause })
  }
}

/** The file that distributions install is 250 lines of comments, which cost the parser 4 ms. */
const withoutComments = (text: string): string => (/"""|'''/.test(text) ? text : text.replaceAll(/^[ \t]*#.*$/gm, ''))

function table(from: Table, key: string): Table {
  const value = Object.hasOwn(from, key) ? from[key] : undefined
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : {}
}

function expectString(from: Table, key: string, path: string): string | undefined {
  const value = from[key]
  if (value === undefined || typeof value === 'string') return value
  throw new StorageError('CONFIG_INVALID', `${path}: ${key} must be a string`, { subject: path })
}

function strings(from: Table, key: string, path: string): readonly string[] | undefined {
  const value = from[key]
  if (value === undefined) return undefined
  if (Array.isArray(value) && value.every(each => typeof each === 'string')) return value.filter(Boolean)
  throw new StorageError('CONFIG_INVALID', `${path}: ${key} must be a list of strings`, { subject: path })
}

/** The drivers' tables win over the old spelling above them. */
function driverOptions(options: Table): readonly string[] | undefined {
  const legacy = legacyKeys.flatMap(key => word(`overlay.${key}`, options[key]))
  const own = ['overlay', 'vfs'].flatMap(driver =>
    Object.entries(table(options, driver)).flatMap(([key, value]) => word(`${driver}.${key}`, value)),
  )
  const all = lastOfKey([...legacy, ...own])
  return all.length > 0 ? all : undefined
}

const word = (key: string, value: unknown): string[] =>
  value === undefined || value === '' || typeof value === 'object' ? [] : [`${key}=${value}`]

const syncOf = (value: unknown): 'filesystem' | 'none' | undefined =>
  value === 'none' || value === 'filesystem' ? value : undefined

function pullOptions(options: Table): Readonly<Record<string, string>> | undefined {
  const entries = Object.entries(options).map(([key, value]) => [key, String(value)] as const)
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

function size(options: Table, key: string): number | undefined {
  const value = Number(options[key])
  return Number.isSafeInteger(value) && value > 0 ? value : undefined
}
