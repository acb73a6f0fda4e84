import type { EngineConfig } from '../config/engine-config.ts'
import { LibpodError } from '../errors.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { NamespaceMode, SecuritySpec, UserNamespaceMode } from '../spec/security.ts'
import { bytesOf } from './bytes.ts'
import { umaskOf } from './umask.ts'

type Config = EngineConfig['containers']

interface Configuration {
  readonly containers: Config
  readonly engine: Pick<EngineConfig['engine'], 'imageVolumeMode'>
}

const usualUmask = '0022'

/** What the caller left open and containers.conf(5) decides. Pure. @throws LibpodError SPEC_INVALID for words that mean nothing */
export function withDefaults(spec: ContainerSpec, { containers: config, engine }: Configuration): ContainerSpec {
  return {
    ...spec,
    ...filled('process', processOf(spec, config)),
    ...filled('mounts', { ...imageVolumesOf(engine), ...mountsOf(spec, config) }),
    ...filled('security', securityOf(spec, config)),
    ...filled('annotations', { ...Object.fromEntries(config.annotations.map(pair)), ...spec.annotations }),
    ...(config.init && spec.init === undefined && spec.systemd !== 'always' ? { init: {} } : {}),
    ...filled('resources', spec.resources?.cgroups ? spec.resources : { ...cgroupsOf(config), ...spec.resources }),
  }
}

const filled = <K extends string, T extends object>(key: K, value: T): { readonly [P in K]?: T } =>
  Object.keys(value).length > 0 ? ({ [key]: value } as { [P in K]: T }) : {}

function processOf({ process = {} }: ContainerSpec, config: Config): ContainerSpec['process'] & {} {
  const timezone = process.timezone ?? config.timezone
  return {
    ...process,
    ...(timezone ? { timezone } : {}),
    ...(config.umask === usualUmask ? {} : { umask: umaskOf(process, config) }),
    ...(config.httpProxy ? {} : { httpProxy: 'none' as const }),
  }
}

function mountsOf({ mounts = {}, pod }: ContainerSpec, config: Config): ContainerSpec['mounts'] & {} {
  const readonly = mounts.rootfs?.readonly ?? (config.readOnly ? 'yes' : 'no')
  const shmSize = mounts.shmSize ?? (pod === undefined ? bytesOf(config.shmSize) : undefined)
  return {
    ...mounts,
    ...(readonly === 'yes' ? { rootfs: { ...mounts.rootfs, readonly } } : {}),
    ...(shmSize === undefined ? {} : { shmSize }),
  }
}

function imageVolumesOf({ imageVolumeMode: mode }: Configuration['engine']): ContainerSpec['mounts'] & {} {
  return mode === 'tmpfs' || mode === 'ignore' ? { imageVolumes: mode } : {}
}

function securityOf({ security = {}, pod }: ContainerSpec, config: Config): SecuritySpec {
  const namespaces = { ...security.namespaces, ...(pod === undefined ? configured(config, security) : {}) }
  const privileged = security.privileged ?? (config.privileged ? 'yes' : undefined)
  return {
    ...security,
    ...(privileged ? { privileged } : {}),
    ...filled('namespaces', namespaces),
  }
}

type Namespaces = NonNullable<SecuritySpec['namespaces']>

function configured(config: Config, { idMappings, namespaces: own = {} }: SecuritySpec): Namespaces {
  const modes = {
    pid: own.pid ?? modeOf(config.pidns),
    ipc: own.ipc ?? ipcOf(config.ipcns),
    uts: own.uts ?? modeOf(config.utsns),
    cgroup: own.cgroup ?? cgroupOf(config.cgroupns),
    user: own.user ?? (idMappings ? undefined : userOf(config.userns)),
  }
  return Object.fromEntries(Object.entries(modes).filter(([, mode]) => mode !== undefined)) as Namespaces
}

/** What is empty, or names another container, leaves the built-in default. */
function modeOf(text = ''): NamespaceMode | undefined {
  if (text === 'host' || text === 'private') return { kind: text }
  if (text.startsWith('ns:')) return { kind: 'path', path: text.slice('ns:'.length) }
  if (text === '' || text === 'default' || text.startsWith('container:')) return undefined
  throw new LibpodError('SPEC_INVALID', `unrecognized namespace mode ${text} passed`, { subject: text })
}

/** Podman does not look at this one. */
const cgroupOf = (text: string | undefined): NamespaceMode | undefined =>
  text === 'host' || text === 'private' || text?.startsWith('ns:') ? modeOf(text) : undefined

function ipcOf(text: string | undefined): Namespaces['ipc'] {
  return text === 'none' || text === 'shareable' ? { kind: text } : modeOf(text)
}

function userOf(text: string | undefined): UserNamespaceMode | undefined {
  const [kind = '', options = ''] = text?.split(':') ?? []
  if (kind === 'keep-id' || kind === 'nomap') return { kind }
  if (kind !== 'auto') return modeOf(text)
  const size = /(?:^|,)size=(\d+)/.exec(options)?.[1]
  return { kind, ...(size ? { size: Number(size) } : {}) }
}

const cgroupsModes = ['enabled', 'disabled', 'no-conmon', 'split'] as const

function cgroupsOf({ cgroups }: Config): { readonly cgroups?: (typeof cgroupsModes)[number] } {
  const mode = cgroupsModes.find(one => one === cgroups)
  if (cgroups !== undefined && mode === undefined)
    throw new LibpodError('SPEC_INVALID', `invalid cgroup mode ${JSON.stringify(cgroups)}: invalid argument`)
  return mode === undefined || mode === 'enabled' ? {} : { cgroups: mode }
}

function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
