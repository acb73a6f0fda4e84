import type { BuildSpec, SbomOptions } from './spec.ts'

/** What of an engine every build gets: its store and how it runs containers. */
export interface BuildGround {
  readonly root: string
  readonly runRoot: string
  readonly graphDriver: string
  readonly storageOptions: readonly string[]
  readonly imageStore?: string
  readonly runtime: string
  readonly runtimeFlags: readonly string[]
  readonly cgroupManager: 'systemd' | 'cgroupfs'
  readonly logLevel: string
  readonly registriesConf?: string
  /** Unless it is the usual one. */
  readonly networkConfigDir?: string
  /** The mounts of every container; a file of this build alone, which tells its working containers from others. */
  readonly mountsFile: string
  /** Where the id of the image is written; absent where Buildah prints it. */
  readonly idFile?: string
}

/** What Buildah understands differently from version to version. */
export interface Dialect {
  /** How `newer` is said to `--pull`. */
  readonly pullNewer: 'newer' | 'true'
}

type Words = readonly string[]
type Writer<T> = (value: T) => Words
type Writers<O> = { readonly [K in keyof O]-?: Writer<NonNullable<O[K]>> }

const text =
  (flag: string): Writer<string | number> =>
  value => [`--${flag}=${value}`]
const yesNo =
  (flag: string): Writer<'yes' | 'no'> =>
  value => [`--${flag}=${value === 'yes'}`]
const each =
  (flag: string): Writer<Words> =>
  values =>
    values.map(value => `--${flag}=${value}`)
/** For flags whose values are CSV records. */
const csv =
  (flag: string): Writer<Words> =>
  values =>
    values.map(value => `--${flag}=${quoted(value)}`)
const pairs =
  (flag: string): Writer<Readonly<Record<string, string>>> =>
  record =>
    Object.entries(record).map(([key, value]) => `--${flag}=${key}=${value}`)

const quoted = (value: string): string => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)

const sbom: Writers<SbomOptions> = {
  preset: text('sbom'),
  scannerImage: text('sbom-scanner-image'),
  scannerCommands: each('sbom-scanner-command'),
  mergeStrategy: text('sbom-merge-strategy'),
  output: text('sbom-output'),
  imageOutput: text('sbom-image-output'),
  purlOutput: text('sbom-purl-output'),
  imagePurlOutput: text('sbom-image-purl-output'),
}

/** A row for each member of the spec, but for those that `buildArgv` puts together. */
const writers: Writers<Omit<BuildSpec, 'context' | 'layers' | 'squash' | 'pull'>> = {
  files: csv('file'),
  contexts: pairs('build-context'),
  args: pairs('build-arg'),
  from: text('from'),
  target: text('target'),
  ignoreFile: text('ignorefile'),
  cppFlags: each('cpp-flag'),
  secrets: each('secret'),
  ssh: each('ssh'),
  platforms: csv('platform'),
  allPlatforms: yesNo('all-platforms'),
  os: text('os'),
  architecture: text('arch'),
  variant: text('variant'),
  osVersion: text('os-version'),
  osFeatures: each('os-feature'),
  tags: each('tag'),
  manifest: text('manifest'),
  format: text('format'),
  outputs: each('output'),
  labels: pairs('label'),
  layerLabels: pairs('layer-label'),
  annotations: pairs('annotation'),
  env: each('env'),
  unsetEnv: csv('unsetenv'),
  unsetLabels: csv('unsetlabel'),
  unsetAnnotations: csv('unsetannotation'),
  inheritLabels: yesNo('inherit-labels'),
  inheritAnnotations: yesNo('inherit-annotations'),
  createdAnnotation: yesNo('created-annotation'),
  identityLabel: yesNo('identity-label'),
  omitHistory: yesNo('omit-history'),
  timestamp: text('timestamp'),
  sourceDateEpoch: text('source-date-epoch'),
  rewriteTimestamp: yesNo('rewrite-timestamp'),
  disableCompression: yesNo('disable-compression'),
  signBy: text('sign-by'),
  confidential: text('cw'),
  sbom: options => written(options, sbom),
  isolation: text('isolation'),
  network: text('network'),
  ipc: text('ipc'),
  pid: text('pid'),
  uts: text('uts'),
  cgroupNamespace: text('cgroupns'),
  userNamespace: text('userns'),
  uidMap: csv('userns-uid-map'),
  gidMap: csv('userns-gid-map'),
  uidMapUser: text('userns-uid-map-user'),
  gidMapGroup: text('userns-gid-map-group'),
  groups: csv('group-add'),
  addHosts: csv('add-host'),
  dns: csv('dns'),
  dnsOptions: csv('dns-option'),
  dnsSearch: csv('dns-search'),
  noHosts: yesNo('no-hosts'),
  noHostname: yesNo('no-hostname'),
  httpProxy: yesNo('http-proxy'),
  volumes: each('volume'),
  compatVolumes: yesNo('compat-volumes'),
  devices: each('device'),
  capAdd: csv('cap-add'),
  capDrop: csv('cap-drop'),
  securityOptions: each('security-opt'),
  ulimits: csv('ulimit'),
  shmSize: text('shm-size'),
  memory: text('memory'),
  memorySwap: text('memory-swap'),
  cpuShares: text('cpu-shares'),
  cpuPeriod: text('cpu-period'),
  cpuQuota: text('cpu-quota'),
  cpusetCpus: text('cpuset-cpus'),
  cpusetMems: text('cpuset-mems'),
  cgroupParent: text('cgroup-parent'),
  hooksDirs: each('hooks-dir'),
  runtimeFlags: csv('runtime-flag'),
  stdin: yesNo('stdin'),
  noCache: yesNo('no-cache'),
  cacheFrom: each('cache-from'),
  cacheTo: each('cache-to'),
  cacheTtl: text('cache-ttl'),
  skipUnusedStages: yesNo('skip-unused-stages'),
  jobs: text('jobs'),
  removeContainers: yesNo('rm'),
  alwaysRemoveContainers: yesNo('force-rm'),
  quiet: yesNo('quiet'),
  logFile: text('logfile'),
  logSplit: yesNo('logsplit'),
  logRusage: yesNo('log-rusage'),
  decryptionKeys: csv('decryption-key'),
  authFile: text('authfile'),
  credentials: ({ username, password }) => [`--creds=${username}:${password}`],
  certDir: text('cert-dir'),
  tlsVerify: yesNo('tls-verify'),
  signaturePolicy: text('signature-policy'),
  retry: text('retry'),
  retryDelay: text('retry-delay'),
}

function written<O extends object>(options: O, table: Writers<O>): Words {
  return (Object.keys(table) as (keyof O)[]).flatMap(name => {
    const value = options[name]
    return value === undefined || value === null ? [] : table[name](value)
  })
}

/** The arguments of Buildah for a build on an engine's store. Pure; no text of the spec can become an option of its own. */
export function buildArgv(spec: BuildSpec, ground: BuildGround, dialect: Dialect): Words {
  const { context, layers, squash, pull, ...rest } = spec
  return [
    ...storeWords(ground),
    'build',
    ...layerWords(layers, squash),
    ...pullWords(pull ?? 'missing', dialect),
    `--runtime=${ground.runtime}`,
    ...ground.runtimeFlags.map(flag => `--runtime-flag=${quoted(flag.replace(/^-+/, ''))}`),
    ...(ground.networkConfigDir === undefined ? [] : [`--cni-config-dir=${ground.networkConfigDir}`]),
    ...(ground.idFile === undefined ? [] : [`--iidfile=${ground.idFile}`]),
    ...written({ alwaysRemoveContainers: 'yes', ...rest }, writers),
    ...(context === undefined ? [] : ['--', context]),
  ]
}

/** The same store, the same driver and its options, whatever storage.conf says. */
function storeWords(ground: BuildGround): Words {
  const { imageStore, registriesConf } = ground
  return [
    `--root=${ground.root}`,
    `--runroot=${ground.runRoot}`,
    `--storage-driver=${ground.graphDriver}`,
    ...ground.storageOptions.map(option => `--storage-opt=${quoted(option)}`),
    ...(imageStore === undefined ? [] : [`--storage-opt=${quoted(`${ground.graphDriver}.imagestore=${imageStore}`)}`]),
    `--cgroup-manager=${ground.cgroupManager}`,
    `--log-level=${ground.logLevel}`,
    `--default-mounts-file=${ground.mountsFile}`,
    ...(registriesConf === undefined ? [] : [`--registries-conf=${registriesConf}`]),
  ]
}

/** One layer for all steps is what Buildah makes when it keeps none of them; `--squash` is for the base image's layers too. */
function layerWords(layers: BuildSpec['layers'], squash: BuildSpec['squash']): Words {
  if (squash === 'new-layers') return ['--layers=false']
  if (squash === 'all') return [`--layers=${layers === 'yes'}`, '--squash']
  return [`--layers=${layers !== 'no'}`]
}

/** Words that every version of Buildah takes for the same. */
function pullWords(pull: NonNullable<BuildSpec['pull']>, { pullNewer }: Dialect): Words {
  if (pull === 'always') return ['--pull-always']
  if (pull === 'never') return ['--pull-never']
  return [`--pull=${pull === 'newer' ? pullNewer : pull}`]
}
