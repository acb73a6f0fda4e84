import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { StorageError } from '../errors.ts'
import { checkDriverOptions } from './check-options.ts'
import type { DriverName, StoreOptions } from './options.ts'
import { mergeSettings, parseSettings, type Settings } from './parse.ts'
import { rootlessDriver } from './rootless-driver.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** What a caller sets by hand: `--root`, `--runroot`, `--storage-driver`, `--storage-opt` and the like. */
export type StoreOverrides = { readonly [K in keyof StoreOptions]?: StoreOptions[K] | undefined }

/**
 * The options of the store that every containers tool on this host would open: storage.conf in its search order, the
 * drop-ins, `CONTAINERS_STORAGE_CONF`, `_OVERRIDE`, `STORAGE_DRIVER`, `STORAGE_OPTS`, then the overrides
 * (storage.conf(5)). Naming a root or a driver drops the driver options of the files.
 * @throws StorageError CONFIG_INVALID, OPTION_INVALID, DRIVER_UNKNOWN
 */
export function loadStoreOptions(overrides: StoreOverrides = {}, env: Environment = process.env): StoreOptions {
  const user = whoAmI(env)
  const files = configFiles(user)
  const settings = files.map(path => parseSettings(read(path), path)).reduce(mergeSettings, {})
  const options = applyOverrides(fromSettings(settings, user, files), overrides, env)
  if (user.rootless === 'no' || options.driver !== undefined) return options
  return { ...options, driver: rootlessDriver(options.graphRoot, env) }
}

interface User {
  readonly rootless: 'yes' | 'no'
  readonly uid: number
  readonly home: string
  readonly env: Environment
}

/** Inside the user namespace of a rootless tool the outer id is in the environment. */
function whoAmI(env: Environment): User {
  const own = process.geteuid?.() ?? 0
  const outer = env._CONTAINERS_ROOTLESS_UID
  const uid = outer !== undefined && /^[0-9]{1,10}$/.test(outer) ? Number(outer) : own
  return { rootless: uid === 0 ? 'no' : 'yes', uid, home: env.HOME ?? '/root', env }
}

/** Files to read, later ones winning. */
function configFiles(user: User): readonly string[] {
  const { env } = user
  const override = env.CONTAINERS_STORAGE_CONF_OVERRIDE
  const last = override ? [override] : []
  if (env.CONTAINERS_STORAGE_CONF) return [env.CONTAINERS_STORAGE_CONF, ...last]
  const own = join(env.XDG_CONFIG_HOME ?? join(user.home, '.config'), 'containers')
  const directories = ['/usr/share/containers', '/etc/containers', own]
  const main = directories.map(each => join(each, 'storage.conf')).findLast(path => existsSync(path))
  return [...(main ? [main] : []), ...dropIns(directories, user), ...last]
}

/** All directories' files in the order of their names; a later directory's file hides an earlier one of its name. */
function dropIns(directories: readonly string[], user: User): readonly string[] {
  const kind = user.rootless === 'yes' ? 'storage.rootless.conf.d' : 'storage.rootful.conf.d'
  const places = ['storage.conf.d', kind, join(kind, String(user.uid))]
  const files = directories.flatMap(each => places.map(place => join(each, place))).flatMap(listConf)
  const byName = new Map(files.map(path => [basename(path), path]))
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path)
}

function listConf(directory: string): string[] {
  if (!existsSync(directory)) return []
  const names = readdirSync(directory).filter(name => name.endsWith('.conf'))
  return names.map(name => join(directory, name))
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new StorageError('CONFIG_INVALID', `${path} cannot be read`, { subject: path, cause })
  }
}

function fromSettings(settings: Settings, user: User, files: readonly string[]): StoreOptions {
  const driver = settings.driver ? driverName(settings.driver) : undefined
  return {
    ...(user.rootless === 'yes' ? rootlessRoots(settings, user) : systemRoots(settings)),
    ...(driver && { driver }),
    driverOptions: settings.driverOptions ?? [],
    ...(settings.imageStore && { imageStore: settings.imageStore }),
    additionalImageStores: settings.additionalImageStores ?? [],
    transient: settings.transient ?? 'no',
    sync: settings.sync ?? 'filesystem',
    pullOptions: settings.pullOptions ?? {},
    autoUserns: {
      ...(settings.autoUser && { user: settings.autoUser }),
      minSize: settings.autoMinSize ?? 1024,
      maxSize: settings.autoMaxSize ?? 65_536,
    },
    files,
  }
}

const systemRoots = (settings: Settings) => ({
  graphRoot: settings.graphRoot ?? '/var/lib/containers/storage',
  runRoot: settings.runRoot ?? '/run/containers/storage',
})

/** The system's own file may not send every user to one directory; its `rootless_storage_path` may. */
function rootlessRoots(settings: Settings, user: User) {
  const { env, home, uid } = user
  const own = (path: string | undefined) => (settings.rootsFromUser === 'yes' && path ? expand(path, user) : undefined)
  const data = join(env.XDG_DATA_HOME ?? join(home, '.local/share'), 'containers/storage')
  const path = settings.rootlessPath && expand(settings.rootlessPath, user)
  const run = env.XDG_RUNTIME_DIR ?? `/run/user/${uid}`
  const runRoot = existsSync(run) ? join(run, 'containers') : `/tmp/storage-run-${uid}/containers`
  return { graphRoot: own(settings.graphRoot) ?? path ?? data, runRoot: own(settings.runRoot) ?? runRoot }
}

/** `$HOME`, `$UID`, `$USER` and the environment, with or without braces. */
function expand(text: string, { env, home, uid }: User): string {
  const known: Environment = { ...env, HOME: home, UID: String(uid) }
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced, bare) => known[braced ?? bare] ?? '')
}

function applyOverrides(base: StoreOptions, overrides: StoreOverrides, env: Environment): StoreOptions {
  const given = Object.fromEntries(
    Object.entries(overrides).filter(([, value]) => value !== undefined),
  ) as Partial<StoreOptions>
  const fromEnv = env.STORAGE_OPTS?.split(',').filter(Boolean)
  const named = given.graphRoot !== undefined || given.driver !== undefined
  const wanted = given.driver || env.STORAGE_DRIVER
  const driver = wanted ? driverName(wanted) : base.driver
  const { driver: _, ...rest } = base
  checkDriverOptions(given.driverOptions ?? [], driver ?? 'overlay')
  return liftOptions(
    checkRoots({
      ...rest,
      ...given,
      driverOptions: given.driverOptions ?? fromEnv ?? (named ? [] : base.driverOptions),
      ...(driver && { driver }),
    }),
  )
}

/** Options among the drivers' that are the store's own. */
function liftOptions(options: StoreOptions): StoreOptions {
  const values = (key: string): string[] =>
    options.driverOptions
      .map(each => each.replace(/^[a-z0-9]*\./, ''))
      .filter(each => each.startsWith(`${key}=`))
      .map(each => each.slice(key.length + 1))
  const imageStore = options.imageStore ?? values('imagestore').at(-1)
  return {
    ...options,
    ...(imageStore && { imageStore }),
    additionalImageStores: [...new Set([...options.additionalImageStores, ...values('additionalimagestore')])],
    sync: values('sync').at(-1) === 'none' ? 'none' : options.sync,
  }
}

function checkRoots(options: StoreOptions): StoreOptions {
  for (const path of [options.graphRoot, options.runRoot, ...options.additionalImageStores]) {
    if (!path.startsWith('/'))
      throw new StorageError('OPTION_INVALID', `${path} is not an absolute path`, { subject: path })
  }
  return options
}

/** The driver of that name, `overlay2` being an old one of overlay's. @throws StorageError DRIVER_UNKNOWN */
export function driverName(text: string): DriverName {
  if (text === 'overlay' || text === 'overlay2') return 'overlay'
  if (text === 'vfs') return 'vfs'
  const hint = 'use overlay or vfs'
  throw new StorageError('DRIVER_UNKNOWN', `storage driver ${JSON.stringify(text)} is not supported`, {
    subject: text,
    hint,
  })
}
