import type {
  CapabilityRequest,
  Hooks,
  IntelRdt,
  MatchedHooks,
  Mount,
  Namespace,
  NamespaceType,
  PlannedDevice,
  SeccompProfile,
  SpecHost,
  SpecPlan,
} from '@libpod/runtime-tools'
import type { EngineConfig } from '../config/engine-config.ts'
import { LibpodError } from '../errors.ts'
import type { MountSpec } from '../spec/mount.ts'
import type { ProcessSpec } from '../spec/process.ts'
import type { NamespaceMode, SecuritySpec } from '../spec/security.ts'
import type { ContainerRecord } from '../state/container.ts'
import { annotations } from './annotations.ts'
import { requiredCapabilities } from './required-capabilities.ts'
import { type DeviceNumbers, pidsLimitOf, planResources } from './resources.ts'
import { umaskOf } from './umask.ts'

/** What was looked up for a start: everything that {@link planSpec} needs and must not fetch itself. */
export interface StartFacts {
  readonly rootPath: string
  /** Absent: the host's, or a new one that the runtime makes. */
  readonly netnsPath: string | undefined
  readonly user: {
    readonly uid: number
    readonly gid: number
    readonly additionalGids: readonly number[]
    readonly home: string
  }
  /** Volumes, images, files of the engine such as /etc/hosts: all with a source. */
  readonly mounts: readonly Mount[]
  readonly devices: readonly PlannedDevice[]
  readonly seccomp: { readonly profile: SeccompProfile } | 'unconfined' | undefined
  /** For the runtime. */
  readonly hooks: Hooks | undefined
  /** For the engine itself. */
  readonly engineHooks: MatchedHooks['engine']
  readonly intelRdt?: IntelRdt
  /** Pids of containers whose namespaces are joined, by id. */
  readonly pids: ReadonlyMap<string, number>
  /** Kept nowhere but in the spec. */
  readonly extraEnv: readonly string[]
  readonly host: SpecHost
  readonly deviceNumbers: DeviceNumbers
}

/** The container as it is to run, every name resolved. Pure. */
export function planSpec(record: ContainerRecord, config: EngineConfig['containers'], facts: StartFacts): SpecPlan {
  const { spec } = record.config
  const { process = {}, security = {}, resources = {}, mounts = {} } = spec
  const readonly = mounts.rootfs?.readonly ?? 'no'
  return defined<SpecPlan>({
    id: record.id,
    hostname: security.namespaces?.uts?.kind === 'host' ? undefined : record.config.hostname || undefined,
    rootfs: {
      path: facts.rootPath,
      readonly,
      ...(mounts.rootfs?.propagation ? { propagation: mounts.rootfs.propagation } : {}),
    },
    process: planProcess(record, config, facts),
    privileged: security.privileged,
    namespaces: namespaces(record, facts),
    uidMappings: mappingsOf(record)?.uids.map(ids),
    gidMappings: mappingsOf(record)?.gids.map(ids),
    mounts: facts.mounts,
    standardMounts: defined({
      procOptions: security.procOptions,
      shmSize: mounts.shmSize,
      shm: security.namespaces?.ipc?.kind === 'none' ? ('none' as const) : undefined,
      systemd: spec.systemd === 'always' ? ('yes' as const) : undefined,
      systemdSize: mounts.shmSizeSystemd || undefined,
      readOnlyTmpfs: readOnlyTmpfs(mounts),
    }),
    devices: facts.devices,
    deviceRules: security.deviceCgroupRules?.map(deviceRule),
    resources: planResources(resources, { pidsLimit: pidsLimitOf(record.config, config) }, facts.deviceNumbers),
    cgroupsPath: cgroupsPath(record) || undefined,
    sysctl: sysctls(record, config),
    paths: defined({ mask: security.mask, unmask: security.unmask }),
    seccomp: facts.seccomp,
    hooks: facts.hooks,
    annotations: annotations(record),
    personality: process.personality ? { domain: process.personality } : undefined,
    intelRdt: resources.intelRdtClosId ? { ...facts.intelRdt, closID: resources.intelRdtClosId } : facts.intelRdt,
    host: facts.host,
  })
}

function readOnlyTmpfs({ rootfs, readOnlyTmpfs: wanted = 'yes' }: MountSpec): 'yes' | 'no' | undefined {
  if (wanted === 'always') return 'yes'
  return rootfs?.readonly === 'yes' ? wanted : undefined
}

function planProcess(
  record: ContainerRecord,
  config: EngineConfig['containers'],
  { user, extraEnv, host }: StartFacts,
): SpecPlan['process'] {
  const { spec, argv, workdir } = record.config
  const { process = {}, security = {} } = spec
  return defined({
    args: argv,
    cwd: workdir,
    env: fillIn([...record.config.env, ...extraEnv], record, user.home),
    terminal: process.terminal === 'tty' ? ('yes' as const) : ('no' as const),
    user: { uid: user.uid, gid: user.gid, additionalGids: [...user.additionalGids], umask: umaskOf(process, config) },
    capabilities: requiredCapabilities(record.config.labels, askedCapabilities(security, config)).request,
    rlimits: limitsOf(process.rlimits ?? [], config, host),
    noNewPrivileges: security.noNewPrivileges,
    apparmorProfile: security.apparmor,
    oomScoreAdj: process.oomScoreAdj ?? config.oomScoreAdj,
  })
}

export const askedCapabilities = (
  { capabilities }: SecuritySpec,
  config: Pick<EngineConfig['containers'], 'capabilities'>,
): CapabilityRequest => defined({ add: capabilities?.add, drop: capabilities?.drop, defaults: config.capabilities })

/** `host` stands for every limit that the engine itself has. */
function limitsOf(
  asked: NonNullable<ProcessSpec['rlimits']>,
  config: EngineConfig['containers'],
  host: SpecHost,
): SpecPlan['process']['rlimits'] & {} {
  return limitsFor(asked, config) ?? Object.entries(host.rlimits).map(([type, limit]) => ({ type, ...limit }))
}

/** Those asked for and the configured ones; undefined when the host's are to hold. */
export function limitsFor(
  asked: NonNullable<ProcessSpec['rlimits']>,
  config: Pick<EngineConfig['containers'], 'ulimits'>,
): NonNullable<ProcessSpec['rlimits']> | undefined {
  if (asked.some(({ type }) => type === 'host')) return undefined
  return withDefaults(asked, config.ulimits.length > 0 ? config.ulimits.map(ulimit) : defaultLimits)
}

/** What the caller says of a limit replaces the default for it, and for it alone. */
const withDefaults = <L extends { readonly type: string }>(
  limits: readonly L[],
  defaults: readonly L[],
): readonly L[] => [
  ...limits,
  ...defaults.filter(({ type }) => !limits.some(limit => limit.type.toLowerCase() === type)),
]

const defaultLimits = ['nofile', 'nproc'].map(type => ({ type, soft: 1048576, hard: 1048576 }))

/** TERM, HOSTNAME and HOME, where nobody set them. */
function fillIn(env: readonly string[], record: ContainerRecord, home: string): readonly string[] {
  const { spec, hostname } = record.config
  const taken = new Set(env.map(line => line.slice(0, line.indexOf('='))))
  const fill = [
    ...(spec.process?.terminal === 'tty' ? ['TERM=xterm'] : []),
    `HOME=${home || '/'}`,
    ...(hostname ? [`HOSTNAME=${hostname}`] : []),
    ...(spec.systemd === 'always' ? [`container_uuid=${record.id.slice(0, 32)}`] : []),
  ]
  return [...env, ...fill.filter(line => !taken.has(line.slice(0, line.indexOf('='))))]
}

const kinds = { pid: 'pid', ipc: 'ipc', uts: 'uts', cgroup: 'cgroup', user: 'user', time: 'time' } as const

/** Runtimes want mappings beside a user namespace that is joined too, and older ones take any. */
function mappingsOf({ config }: ContainerRecord): ContainerRecord['config']['idMappings'] {
  const joins = ['container', 'path'].includes(config.spec.security?.namespaces?.user?.kind ?? '')
  const one = [{ containerId: 0, hostId: 0, size: 1 }]
  return config.idMappings ?? (joins ? { uids: one, gids: one } : undefined)
}

/** The container's namespaces; what is not listed is the host's. */
function namespaces(record: ContainerRecord, facts: StartFacts): readonly Namespace[] {
  const { spec } = record.config
  const modes = spec.security?.namespaces ?? {}
  const list: Namespace[] = [{ type: 'mount' }]
  const network = networkNamespace(record, facts)
  if (network) list.push(network)
  for (const kind of ['pid', 'ipc', 'uts', 'cgroup', 'time', 'user'] as const) {
    const entry = namespace(kinds[kind], modes[kind] ?? usual(kind, facts.host), facts)
    if (entry) list.push(entry)
  }
  if (record.config.idMappings && !list.some(({ type }) => type === 'user')) list.push({ type: 'user' })
  return list
}

/** Private but for user and time; the control group's is private where v2 makes it useful, as with Podman. */
function usual(kind: keyof typeof kinds, host: SpecHost): NamespaceMode {
  if (kind === 'user' || kind === 'time') return { kind: 'host' }
  if (kind === 'cgroup') return { kind: host.cgroup === 'v2' ? 'private' : 'host' }
  return { kind: 'private' }
}

type AnyMode = NonNullable<NonNullable<SecuritySpec['namespaces']>[keyof typeof kinds]>

function namespace(type: NamespaceType, mode: AnyMode, facts: StartFacts): Namespace | undefined {
  if (mode.kind === 'host') return undefined
  if (mode.kind === 'path') return { type, path: mode.path }
  if (mode.kind === 'container') return { type, path: namespaceOf(mode.container, type, facts.pids) }
  return { type }
}

function networkNamespace(record: ContainerRecord, facts: StartFacts): Namespace | undefined {
  const mode = record.config.spec.network?.mode
  if (mode?.kind === 'host') return undefined
  if (mode?.kind === 'path') return { type: 'network', path: mode.path }
  if (mode?.kind === 'container') return { type: 'network', path: namespaceOf(mode.container, 'network', facts.pids) }
  return facts.netnsPath ? { type: 'network', path: facts.netnsPath } : { type: 'network' }
}

const procNames: Readonly<Record<NamespaceType, string>> = {
  network: 'net',
  mount: 'mnt',
  pid: 'pid',
  ipc: 'ipc',
  uts: 'uts',
  cgroup: 'cgroup',
  user: 'user',
  time: 'time',
}

function namespaceOf(container: string, type: NamespaceType, pids: ReadonlyMap<string, number>): string {
  const pid = pids.get(container)
  if (pid === undefined)
    throw new LibpodError(
      'CONTAINER_STATE',
      `cannot get namespace path unless container ${container} is running: container is stopped`,
      { subject: container },
    )
  return `/proc/${pid}/ns/${procNames[type]}`
}

/** Where the runtime makes the control group. */
export function cgroupsPath({ id, config, status }: Pick<ContainerRecord, 'id' | 'config' | 'status'>): string {
  if (config.spec.resources?.cgroups === 'disabled' || config.ownCgroup === 'no') return ''
  if (status.cgroup) return status.cgroup
  const parent = config.spec.resources?.cgroupParent
  if (config.cgroupManager === 'systemd') return `${parent ?? 'machine.slice'}:libpod:${id}`
  return `${parent ?? '/libpod_parent'}/libpod-${id}`
}

function sysctls(record: ContainerRecord, config: EngineConfig['containers']): Readonly<Record<string, string>> {
  const { spec } = record.config
  const sharesNet = spec.network?.mode?.kind === 'host' || spec.network?.mode?.kind === 'container'
  const usable = config.sysctls.map(pair).filter(([name]) => !(sharesNet && name.startsWith('net.')))
  return { ...Object.fromEntries(usable), ...spec.security?.sysctl }
}

function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  return [text.slice(0, at), text.slice(at + 1)]
}

/** `nofile=1024:2048`, as containers.conf and `--ulimit` have it. */
export function ulimit(text: string): { type: string; soft: number; hard: number } {
  const [type = '', limits = ''] = text.split('=')
  const [soft = '', hard = soft] = limits.split(':')
  return { type, soft: Number(soft), hard: Number(hard) }
}

/** `c 1:3 rwm`, with `*` for any number. @throws LibpodError SPEC_INVALID */
export function deviceRule(text: string): NonNullable<SpecPlan['deviceRules']>[number] {
  const match = /^([abc]) (\d+|\*)(?::(\d+|\*))? ([rwm]{1,3})$/.exec(text)
  if (!match) throw new LibpodError('SPEC_INVALID', `invalid device cgroup rule format: '${text}'`, { subject: text })
  const [, type, major, minor, access] = match
  return defined({
    allow: true,
    type: type as 'a' | 'b' | 'c',
    major: number(major),
    minor: number(minor),
    access: access ?? 'rwm',
  })
}

const number = (text = '*'): number | undefined => (text === '*' ? undefined : Number(text))

const ids = ({ containerId, hostId, size }: { containerId: number; hostId: number; size: number }) => ({
  containerID: containerId,
  hostID: hostId,
  size,
})

/** Leaves out what is undefined, so that optional members are absent instead. */
function defined<T extends object>(object: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}
