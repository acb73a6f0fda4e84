import {
  capabilityNames,
  checkMountOptions,
  checkSysctls,
  mergeCapabilities,
  type NamespaceType,
  RuntimeToolsError,
} from '@libpod/runtime-tools'
import { LibpodError } from '../errors.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { NamespaceMode } from '../spec/security.ts'
import { tmpfsMount } from './mounts.ts'

const refuse = (message: string) => new LibpodError('SPEC_INVALID', message)

/** Refuses wishes that exclude each other or that nothing can fulfil, before anything is made. Pure. @throws LibpodError SPEC_INVALID, UNSUPPORTED */
export function refuseContradictions(spec: ContainerSpec): void {
  const { security = {}, process = {}, mounts = {}, network = {} } = spec
  const { uts, ipc, pid } = security.namespaces ?? {}
  if (process.hostname !== undefined && uts && uts.kind !== 'private')
    throw refuse('cannot set hostname when running in the host UTS namespace: invalid container configuration')
  if (mounts.shmSize !== undefined && (ipc?.kind === 'host' || ipc?.kind === 'none'))
    throw refuse(`cannot set shmsize when running in the ${ipc.kind} IPC Namespace`)
  const { cgroups, cgroupParent } = spec.resources ?? {}
  if (cgroups === 'split' && cgroupParent !== undefined)
    throw refuse('cannot specify --cgroup-mode=split with a cgroup-parent: invalid argument')
  if (cgroups === 'disabled') refuseWithoutGroup(pid?.kind, cgroupParent ?? spec.pod)
  if (spec.init) refuseSecondInit(spec, pid?.kind)
  if (spec.initContainer && spec.pod === undefined)
    throw refuse('init containers must be created in a pod: invalid argument')
  const elsewhere = network.mode?.kind
  if ((network.dns || network.resolvConf === 'leave') && (elsewhere === 'none' || elsewhere === 'container'))
    throw refuse(`conflicting options: dns and the network mode: ${elsewhere}`)
  if (network.mode?.kind === 'container' && (network.hosts?.length ?? 0) > 0)
    throw refuse(
      'cannot set extra host entries when the container is joined to another containers network namespace: invalid container configuration',
    )
  ownWords(() => checkSysctls(security.sysctl ?? {}, ownNamespaces(spec)))
  for (const mount of mounts.mounts ?? []) if (mount.kind === 'tmpfs') checkTmpfs(mount)
  ownWords(() => mergeCapabilities(security.capabilities ?? {}, capabilityNames))
}

/** The init of `--init` is the first process, and the only one that takes care of others. */
function refuseSecondInit({ systemd }: ContainerSpec, pid: NamespaceMode['kind'] | undefined): void {
  if (systemd === 'always') throw refuse('cannot use container-init binary with systemd=always')
  if (pid !== undefined && pid !== 'private')
    throw refuse("cannot add init binary as PID 1 (PID namespace isn't private)")
}

/** What kills all processes of a container without a group is the end of its pid namespace. */
function refuseWithoutGroup(pid: NamespaceMode['kind'] | undefined, parent: string | undefined): void {
  if (pid === 'container')
    throw refuse("cannot join another container's PID namespace if not creating cgroups: invalid argument")
  if (parent !== undefined) throw refuse('cannot set cgroup parent if not creating cgroups: invalid argument')
  if (pid === 'path')
    throw refuse(
      'containers not creating Cgroups must create a private PID namespace - cannot use another: invalid argument',
    )
  if (pid === 'host')
    throw refuse('containers not creating Cgroups must create a private PID namespace: invalid argument')
}

/** The namespaces that parameters of the kernel can be set in. */
function ownNamespaces({ security, network }: ContainerSpec): readonly { readonly type: NamespaceType }[] {
  const shared = ['host', 'container']
  const modes = {
    network: network?.mode?.kind,
    ipc: security?.namespaces?.ipc?.kind,
    uts: security?.namespaces?.uts?.kind,
  }
  const own = Object.entries(modes).filter(([, kind]) => kind === undefined || !shared.includes(kind))
  return own.map(([type]) => ({ type: type as NamespaceType }))
}

function checkTmpfs({ destination, options }: { destination: string; options: readonly string[] }): void {
  try {
    checkMountOptions('tmpfs', tmpfsMount(destination, options).options ?? [])
  } catch (cause) {
    if (!(cause instanceof RuntimeToolsError)) throw cause
    const option = cause.subject ?? ''
    throw new LibpodError('SPEC_INVALID', `unknown mount option ${JSON.stringify(option)}: invalid mount option`, {
      subject: option,
      cause,
    })
  }
}

/** Runs it, telling what another package refuses as a spec's fault. @throws LibpodError SPEC_INVALID */
export function ownWords(check: () => unknown): void {
  try {
    check()
  } catch (cause) {
    if (!(cause instanceof RuntimeToolsError)) throw cause
    throw new LibpodError('SPEC_INVALID', cause.message, {
      cause,
      ...(cause.subject ? { subject: cause.subject } : {}),
    })
  }
}
