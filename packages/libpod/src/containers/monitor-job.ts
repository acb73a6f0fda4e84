import type { LogTarget, MonitorJob } from '@libpod/conmon'
import type { ResolvedOptions } from '../engine.ts'
import type { Rooms } from '../rooms.ts'
import { busVariables } from '../rootless/user-bus.ts'
import { programOf } from '../runtimes/program.ts'
import { runtimeDirectory } from '../runtimes/runc-cli.ts'
import type { ContainerRecord } from '../state/container.ts'
import type { ContainerPaths } from './paths.ts'

export interface JobDetails {
  readonly paths: ContainerPaths
  readonly exitDelay: number
  readonly preserveFds: readonly number[]
  /** Kept open while the container lives. */
  readonly heldFds: readonly number[]
  readonly log: LogTarget
  readonly sdnotifySocket?: string
  readonly restore?: RestoreDetails
}

export interface RestoreDetails {
  /** Where the checkpoint is. */
  readonly directory: string
  /** For the runtime's `restore`. */
  readonly options: readonly string[]
}

/** What conmon is told about a container (conmon(8)). */
export function monitorJob(
  rooms: Pick<Rooms, 'options' | 'config'>,
  record: ContainerRecord,
  { paths, exitDelay, preserveFds, heldFds, log, sdnotifySocket, restore }: JobDetails,
): MonitorJob {
  const { options, config } = rooms
  const { spec } = record.config
  const exitCommand = cleanupCommand(options, record)
  return {
    conmon: options.conmon,
    containerId: record.id,
    name: record.name,
    runtime: record.config.runtime,
    runtimeProgram: programOf(record.config.runtime),
    runtimeArgs: [
      ...options.runtimeFlags,
      ...['--log-format=json', `--log=${paths.runtimeLog}`],
      ...(spec.resources?.cgroups === 'disabled' ? ['--cgroup-manager=disabled'] : []),
    ],
    preserveFds,
    heldFds,
    bundle: paths.bundle,
    pidFile: spec.pidFile ?? paths.pidFile,
    conmonPidFile: spec.conmonPidFile ?? paths.monitorPidFile,
    exitDir: paths.exitDir,
    persistDir: paths.persistDir,
    log,
    logLevel: options.logLevel === 'warn' ? 'warning' : options.logLevel,
    terminal: spec.process?.terminal === 'tty',
    stdin: spec.process?.stdin === 'open',
    ociLog: paths.runtimeLog,
    env: monitorEnvironment(config.engine.conmonEnv, options),
    ...(exitCommand.length > 0 ? { exitCommand, exitDelay } : {}),
    ...(options.syslog === 'yes' ? { syslog: true } : {}),
    ...(record.config.cgroupManager === 'systemd' ? { systemdCgroup: true } : {}),
    ...(config.engine.noPivotRoot ? { noPivot: true } : {}),
    ...(sdnotifySocket ? { sdnotifySocket } : {}),
    ...(spec.timeout ? { timeout: spec.timeout } : {}),
    ...(restore ? { restore: restore.directory, runtimeOptions: restore.options } : {}),
  }
}

/** Nothing of the caller's environment but what a rootless runtime needs: it may hold secrets. */
export function monitorEnvironment(
  configured: readonly string[],
  options: Pick<ResolvedOptions, 'rootless'>,
): Readonly<Record<string, string>> {
  const pairs = configured.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const)
  const inherited = [
    'CONTAINERS_CONF',
    'CONTAINERS_CONF_OVERRIDE',
    'CONTAINERS_STORAGE_CONF',
    'CONTAINERS_STORAGE_CONF_OVERRIDE',
    'HOME',
    'TMPDIR',
    'XDG_CONFIG_HOME',
    'XDG_DATA_HOME',
    // So that the clean-up knows whose containers it is about: conmon is in the user's namespace, and so is what it runs.
    '_CONTAINERS_USERNS_CONFIGURED',
    '_CONTAINERS_ROOTLESS_UID',
    '_CONTAINERS_ROOTLESS_GID',
  ] as const
  const kept = inherited.flatMap(name => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]))
  return {
    ...Object.fromEntries(pairs),
    ...Object.fromEntries(kept),
    XDG_RUNTIME_DIR: runtimeDirectory(options.rootless),
    ...busVariables(options.rootless),
  }
}

/** The command that conmon runs at the end: this program with this engine's options. */
export function cleanupCommand(
  options: ResolvedOptions,
  record: Pick<ContainerRecord, 'id' | 'config'>,
  session?: string,
): readonly string[] {
  if (options.cleanupCommand.length === 0) return []
  const { onExit } = record.config.spec
  const removal = onExit === 'remove' ? ['--rm'] : onExit === 'remove-with-image' ? ['--rmi'] : []
  return [
    ...options.cleanupCommand,
    ...globalArguments(options),
    ...(options.syslog === 'yes' ? ['--syslog'] : []),
    'container',
    'cleanup',
    '--stopped-only',
    ...(session ? ['--exec', session] : removal),
    record.id,
  ]
}

/** The global options that make another process open the same engine. */
export function globalArguments(options: ResolvedOptions): readonly string[] {
  const each = (flag: string, values: readonly string[]): readonly string[] => values.flatMap(value => [flag, value])
  return [
    ...['--root', options.root, '--runroot', options.runRoot, '--tmpdir', options.tmpDir],
    ...['--log-level', options.logLevel, '--cgroup-manager', options.cgroupManager, '--runtime', options.runtime],
    ...[
      '--network-config-dir',
      options.networkConfigDir,
      '--volumepath',
      options.volumePath,
      '--events-backend',
      options.eventsBackend,
    ],
    ...(options.storageDriver ? ['--storage-driver', options.storageDriver] : []),
    ...each('--storage-opt', options.storageOptions),
    ...each('--hooks-dir', options.hooksDirs),
    ...each('--module', options.modules),
    ...each(
      '--runtime-flag',
      options.runtimeFlags.map(flag => flag.replace(/^--/, '')),
    ),
    ...(options.transientStore === 'yes' ? ['--transient-store=true'] : []),
    ...(options.imageStore ? ['--imagestore', options.imageStore] : []),
  ]
}
