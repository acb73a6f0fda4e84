import type { EngineOptions } from '@libpod/libpod'
import { defined } from './cli/defined.ts'
import { bool, type FlagValues, list, string } from './cli/flag.ts'
import type { Parsed } from './cli/parse.ts'
import { UsageError } from './cli/usage-error.ts'

/** Options of the engine that stand before or after any command's name. */
export const globalFlags = {
  'cdi-spec-dir': list('Set the CDI spec directory path (may be set multiple times)'),
  'cgroup-manager': string('Cgroup manager to use ("cgroupfs"|"systemd")'),
  config: string('Location of the authentication config file'),
  conmon: string('Path of the conmon binary'),
  'db-backend': string('Database backend to use', { hidden: 'yes' }),
  'default-mounts-file': string('Path to default mounts file', { hidden: 'yes' }),
  'events-backend': string('Events backend to use ("file"|"journald"|"none")'),
  'hooks-dir': list('Set the OCI hooks directory path (may be set multiple times)'),
  imagestore: string(
    "Path to the 'image store', different from 'graph root', use this to split storing the image into a separate 'image store', see 'man containers-storage.conf' for details.",
  ),
  'log-level': string('Log messages above specified level (trace, debug, info, warn, warning, error, fatal, panic)', {
    default: 'warn',
  }),
  namespace: string(
    'Set the libpod namespace, used to create separate views of the containers and pods on the system',
    { hidden: 'yes' },
  ),
  'network-cmd-path': string('Path to the command for configuring the network', { hidden: 'yes' }),
  'network-config-dir': string('Path of the configuration directory for networks'),
  out: string('Send output (stdout) from podman to a file'),
  root: string('Path to the graph root directory where images, containers, etc. are stored'),
  runroot: string("Path to the 'run directory' where all state information is stored"),
  runtime: string('Path to the OCI-compatible binary used to run containers.'),
  'pull-option': list('Specify an option to change how the image is pulled', { hidden: 'yes' }),
  'runtime-flag': list('add global flags for the container runtime'),
  'storage-driver': string('Select which storage driver is used to manage storage of images and containers'),
  'storage-opt': list('Used to pass an option to the storage driver'),
  syslog: bool('Output logging information to syslog as well as the console (default false)'),
  tmpdir: string(
    "Path to the tmp directory for libpod state content.\n\nNote: use the environment variable 'TMPDIR' to change the temporary storage location for container images, '/var/tmp'.\n",
  ),
  'transient-store': bool('Enable transient container storage'),
  volumepath: string('Path to the volume directory in which volume data is stored'),
}

/** Options that only stand before the command's name. */
export const rootFlags = {
  ...globalFlags,
  connection: string('Connection to use for remote Podman service (CONTAINER_CONNECTION)', { short: 'c' }),
  debug: bool('Docker compatibility, force setting of log-level', { short: 'D', hidden: 'yes' }),
  help: bool('Help for podman', { short: 'h' }),
  host: string('Docker compatibility, URL to access the service', { short: 'H', hidden: 'yes' }),
  module: list('Load a containers.conf(5) module'),
  identity: string('path to SSH identity file, (CONTAINER_SSHKEY)'),
  noout: bool('do not output to stdout', { hidden: 'yes' }),
  remote: bool('Access remote Podman service', { short: 'r' }),
  ssh: string('define the ssh mode', { default: 'golang' }),
  'tls-ca': string('path to TLS certificate Authority PEM file for remote.'),
  'tls-cert': string('path to TLS client certificate PEM file for remote.'),
  'tls-key': string('path to TLS client certificate private key PEM file for remote.'),
  url: string('URL to access Podman service (CONTAINER_HOST)'),
  version: bool('version for podman', { short: 'v' }),
}

export type GlobalValues = FlagValues<typeof globalFlags> & { readonly module: readonly string[] }

/** The global options of one command line. */
export type Globals = Omit<Parsed<typeof globalFlags>, 'values'> & { readonly values: GlobalValues }

const levels = ['trace', 'debug', 'info', 'warn', 'warning', 'error', 'fatal', 'panic'] as const

/** The level when it is one of Podman's; undefined otherwise. */
export const logLevel = (text: string) => levels.find(level => level === text.toLowerCase())

/** What the global options ask of the engine; `given` tells explicit values from defaults. Throws UsageError. */
export function engineOptions(values: GlobalValues, given: ReadonlySet<string>): EngineOptions {
  const explicit = <T>(name: keyof GlobalValues, value: T) => (given.has(name) ? value : undefined)
  checkDatabase(values['db-backend'])
  const level = logLevel(values['log-level'])
  return defined({
    root: values.root,
    runRoot: values.runroot,
    tmpDir: values.tmpdir,
    imageStore: values.imagestore,
    storageDriver: values['storage-driver'],
    storageOptions: explicit(
      'storage-opt',
      values['storage-opt'].filter(text => text !== ''),
    ),
    pullOptions: explicit('pull-option', pullOptions(values['pull-option'])),
    transientStore: explicit('transient-store', yesNo(values['transient-store'])),
    runtime: values.runtime,
    runtimeFlags: explicit('runtime-flag', values['runtime-flag']),
    conmon: values.conmon,
    cgroupManager: oneOf('cgroup-manager', values['cgroup-manager'], ['systemd', 'cgroupfs']),
    networkConfigDir: values['network-config-dir'],
    volumePath: values.volumepath,
    eventsBackend: oneOf('events-backend', values['events-backend'], ['file', 'journald', 'none']),
    hooksDirs: explicit('hooks-dir', values['hooks-dir']),
    cdiSpecDirs: explicit('cdi-spec-dir', values['cdi-spec-dir']),
    defaultMountsFiles: values['default-mounts-file'] === undefined ? undefined : [values['default-mounts-file']],
    modules: explicit('module', values.module),
    logLevel: explicit('log-level', level === 'warning' ? 'warn' : level),
    syslog: explicit('syslog', yesNo(values.syslog)),
  })
}

function pullOptions(words: readonly string[]): Readonly<Record<string, string>> {
  const pairs = words
    .filter(word => word !== '')
    .map(word => {
      const equals = word.indexOf('=')
      if (equals < 0) throw new UsageError(`invalid pull option: ${word}`)
      return [word.slice(0, equals), word.slice(equals + 1)] as const
    })
  return Object.fromEntries(pairs)
}

/** There is one kind of database, which is Podman's kind too but not its file. */
function checkDatabase(name: string | undefined): void {
  if (name === undefined || name === '' || name === 'sqlite') return
  if (name !== 'boltdb') throw new UsageError(`unsupported database backend: ${JSON.stringify(name)}`)
  throw new UsageError(
    'the BoltDB backend has been deprecated, no new BoltDB databases can be created: invalid argument',
  )
}

const yesNo = (value: boolean) => (value ? 'yes' : 'no')

function oneOf<const W extends string>(flag: string, text: string | undefined, words: readonly W[]): W | undefined {
  if (text === undefined || text === '') return undefined
  const found = words.find(word => word === text)
  if (found === undefined)
    throw new UsageError(`invalid --${flag} ${JSON.stringify(text)}: choose from ${words.join(', ')}`)
  return found
}
