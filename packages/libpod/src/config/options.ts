import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { cdiDirectories } from '@libpod/runtime-tools'
import {
  type DriverName,
  isStorageError,
  loadStoreOptions,
  type StoreOptions,
  type StoreOverrides,
} from '@libpod/storage'
import type { EngineOptions, ResolvedOptions } from '../engine.ts'
import { LibpodError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import { userBus } from '../rootless/user-bus.ts'
import type { RuntimeChoice } from '../runtimes/select.ts'
import { chooseManager } from './cgroup-manager.ts'
import type { EngineConfig } from './engine-config.ts'

interface Sources {
  readonly options: EngineOptions
  readonly config: EngineConfig
  readonly store: StoreOptions
  readonly runtime: RuntimeChoice
  readonly conmon: string
  readonly host: HostFacts
  readonly runtimeDir: string
}

/** Options, then configuration files, then defaults: what is in force (podman(1), containers.conf(5)). */
export function resolveOptions({
  options,
  config,
  store,
  runtime,
  conmon,
  host,
  runtimeDir,
}: Sources): ResolvedOptions {
  const rootless = host.uid === 0 ? 'no' : 'yes'
  const root = store.graphRoot
  const choice = chooseManager(options.cgroupManager ?? config.engine.cgroupManager, {
    ...host,
    userBus: rootless === 'yes' ? userBus(process.env) : undefined,
  })
  const staticDir = absolute(config.engine.staticDir ?? join(root, 'libpod'))
  return {
    root,
    runRoot: store.runRoot,
    tmpDir: absolute(
      options.tmpDir ?? config.engine.tmpDir ?? (rootless === 'yes' ? join(runtimeDir, 'libpod/tmp') : '/run/libpod'),
    ),
    ...(store.imageStore ? { imageStore: store.imageStore } : {}),
    ...(options.registriesConf ? { registriesConf: options.registriesConf } : {}),
    ...(options.notifySocket ? { notifySocket: options.notifySocket } : {}),
    warnings: [...driverWarnings(store), ...choice.warnings],
    storageDriver: store.driver ?? '',
    graphDriver: store.driver ?? 'overlay',
    storageOptions: store.driverOptions,
    pullOptions: store.pullOptions,
    transientStore: store.transient,
    runtime: runtime.path,
    runtimeName: runtime.name,
    runtimeFlags: runtimeFlags(options, config, runtime.name),
    conmon,
    cgroupManager: choice.manager,
    networkConfigDir: options.networkConfigDir ?? config.network.configDir ?? cniDirectory(rootless),
    volumePath: absolute(options.volumePath ?? config.engine.volumePath ?? join(root, 'volumes')),
    eventsBackend: eventsBackend(options, config, host),
    logDriver: config.containers.logDriver ?? (host.journal === 'yes' ? 'journald' : 'k8s-file'),
    pullPolicy: config.engine.pullPolicy,
    detachKeys: config.engine.detachKeys,
    defaultMounts: config.containers.mounts,
    defaultVolumes: config.containers.volumes,
    hooksDirs: options.hooksDirs ?? config.engine.hooksDir,
    cdiSpecDirs: options.cdiSpecDirs ?? config.engine.cdiSpecDirs ?? cdiDirectories,
    defaultMountsFiles: options.defaultMountsFiles ?? [
      '/etc/containers/mounts.conf',
      '/usr/share/containers/mounts.conf',
    ],
    modules: options.modules ?? [],
    logLevel: options.logLevel ?? 'warn',
    syslog: options.syslog ?? 'no',
    composeProviders: config.engine.composeProviders,
    composeWarning: config.engine.composeWarningLogs ? 'yes' : 'no',
    cleanupCommand: options.cleanupCommand ?? [],
    staticDir,
    stateDir: store.transient === 'yes' ? store.runRoot : config.engine.staticDir ? staticDir : root,
    rootless,
    ...(config.engine.retry !== undefined && { retry: config.engine.retry }),
    ...(config.engine.retryDelay !== undefined && { retryDelay: config.engine.retryDelay }),
    ...(config.engine.compressionFormat && { compressionFormat: config.engine.compressionFormat }),
    ...(config.engine.compressionLevel !== undefined && { compressionLevel: config.engine.compressionLevel }),
    ...(config.engine.addCompression.length > 0 && { addCompression: config.engine.addCompression }),
  }
}

const cniDirectory = (rootless: 'yes' | 'no'): string =>
  rootless === 'yes' ? join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'cni/net.d') : '/etc/cni/net.d'

/** Where there is a storage.conf, it should say it. */
function driverWarnings({ driver, files: [file] }: StoreOptions): readonly string[] {
  if (driver !== undefined || file === undefined) return []
  return [`The storage 'driver' option should be set in ${file}. A driver was picked automatically.`]
}

const absolute = (path: string): string => resolve(path)

function eventsBackend(options: EngineOptions, config: EngineConfig, host: HostFacts): 'file' | 'journald' | 'none' {
  const asked = options.eventsBackend ?? config.engine.eventsLogger ?? (host.journal === 'yes' ? 'journald' : 'file')
  if (asked === 'file' || asked === 'journald' || asked === 'none') return asked
  throw new LibpodError('CONFIG_INVALID', `unknown events backend "${asked}": choose file, journald or none`, {
    subject: asked,
  })
}

/** The store's options, where the engine's own win over storage.conf. @throws LibpodError CONFIG_MALFORMED, StorageError */
export function storeOptions(options: EngineOptions): StoreOptions {
  try {
    return loadStoreOptions(overrides(options))
  } catch (cause) {
    if (!isStorageError(cause, 'CONFIG_INVALID')) throw cause
    throw new LibpodError('CONFIG_MALFORMED', cause.message, { subject: cause.subject ?? '', cause })
  }
}

function overrides(options: EngineOptions): StoreOverrides {
  return {
    ...(options.root ? { graphRoot: absolute(options.root) } : {}),
    ...(options.runRoot ? { runRoot: absolute(options.runRoot) } : {}),
    // Any name: it is looked at there.
    ...(options.storageDriver ? { driver: options.storageDriver as DriverName } : {}),
    ...(options.storageOptions ? { driverOptions: options.storageOptions } : {}),
    ...(options.pullOptions ? { pullOptions: options.pullOptions } : {}),
    ...(options.imageStore ? { imageStore: absolute(options.imageStore) } : {}),
    ...(options.transientStore ? { transient: options.transientStore } : {}),
  }
}

/** Those of the configuration when none are given otherwise (containers.conf(5), engine.runtimes_flags). @throws LibpodError CONFIG_MALFORMED */
function runtimeFlags(options: EngineOptions, { engine }: EngineConfig, runtime: string): readonly string[] {
  for (const name of Object.keys(engine.runtimesFlags))
    if (!knownRuntimes.includes(name) && !Object.hasOwn(engine.runtimes, name))
      throw new LibpodError(
        'CONFIG_MALFORMED',
        `invalid runtime ${JSON.stringify(name)} in [engine.runtimes_flags]: not defined in [engine.runtimes]`,
        { subject: name },
      )
  const given = options.runtimeFlags ?? []
  const flags = given.length > 0 ? given : (engine.runtimesFlags[basename(runtime)] ?? [])
  return flags.map(flag => `--${flag.replace(/^--?/, '')}`)
}

/** Whose places the defaults of containers.conf(5) name. */
const knownRuntimes = ['crun', 'crun-vm', 'crun-wasm', 'kata', 'krun', 'runc', 'runsc', 'youki']
