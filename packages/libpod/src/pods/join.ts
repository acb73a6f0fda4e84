import { LibpodError } from '../errors.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { SecuritySpec } from '../spec/security.ts'
import type { State } from '../state/state.ts'
import { inherited } from './inherit.ts'
import { hasOwnUsers, type PodRecord, PodTable, type Shared } from './table.ts'

/** A container's wishes once it is in a pod, and the pod's id. */
export interface SpecInPod {
  readonly spec: ContainerSpec
  readonly podId?: string | undefined
}

/**
 * Translates "in this pod" into what creating a container understands: the shared namespaces are the infra container's, the
 * control group lies below the pod's. What the container asks for itself wins. Without a pod nothing changes.
 * @throws LibpodError POD_UNKNOWN, SPEC_INVALID
 */
export function specInPod(state: Pick<State, 'database'>, spec: ContainerSpec): SpecInPod {
  if (spec.pod === undefined) return { spec }
  const pod = new PodTable(state.database).find(spec.pod)
  const { restart } = pod.config.spec
  const policy = restart && spec.infra !== 'yes' && !spec.initContainer ? { restart } : {}
  const inGroup = { ...policy, ...spec, resources: { ...parentOf(pod), ...spec.resources } }
  if (spec.infra === 'yes' || pod.config.infra === 'no') return { spec: inGroup, podId: pod.id }
  if (pod.infraId === '')
    throw new LibpodError('CONTAINER_STATE', `pod ${pod.id} has lost its infra container`, { subject: pod.name })
  refuseOwnNetwork(pod, spec)
  refuseOwnHostname(pod, spec)
  refuseOwnUsers(pod, spec)
  const fitted = { ...inGroup, ...inherited(pod, inGroup) }
  return { spec: { ...fitted, ...namespacesOf(pod, fitted) }, podId: pod.id }
}

const parentOf = ({ config: { cgroup, spec } }: PodRecord) =>
  cgroup === '' || spec.shareParent === 'no' ? {} : { cgroupParent: cgroup }

/** Ports, addresses and the names of hosts belong to whoever holds the network. */
function refuseOwnNetwork(pod: PodRecord, { network = {} }: ContainerSpec): void {
  const { mode } = network
  const ofDefault = mode?.kind === 'bridge' && mode.networks[0]?.name === '' // an address, but no network chosen
  if (!pod.config.shares.includes('net') || (mode !== undefined && !ofDefault)) return
  const why = 'network cannot be configured when it is shared with a pod'
  if ((network.ports?.length ?? 0) > 0 || network.publishAll === 'yes')
    throw new LibpodError(
      'SPEC_INVALID',
      `published or exposed ports must be defined when the pod is created: ${why}: invalid argument`,
      { subject: pod.name },
    )
  const invalid = (text: string): LibpodError =>
    new LibpodError('SPEC_INVALID', `invalid config provided: ${text}: ${why}`, { subject: pod.name })
  if (ofDefault) throw invalid('networks must be defined when the pod is created')
  if ((network.hosts?.length ?? 0) > 0) throw invalid('extra host entries must be specified on the pod')
}

/** The hostname belongs to the namespace that the pod shares. */
function refuseOwnHostname(pod: PodRecord, { process, security }: ContainerSpec): void {
  const mode = security?.namespaces?.uts?.kind ?? 'pod'
  if (!process?.hostname || !pod.config.shares.includes('uts') || mode !== 'pod') return
  const reason = 'cannot set hostname when joining the pod UTS namespace: invalid configuration'
  throw new LibpodError('SPEC_INVALID', `invalid config provided: ${reason}`, { subject: pod.name })
}

/** What the pod shares would belong to other users than the container's. */
function refuseOwnUsers(pod: PodRecord, { security = {} }: ContainerSpec): void {
  const kind = security.idMappings ? 'private' : (security.namespaces?.user?.kind ?? 'pod')
  if (kind === 'pod' || kind === 'host' || kind === 'container') return
  const text = 'cannot set user namespace mode when joining pod with infra container: invalid argument'
  throw new LibpodError('SPEC_INVALID', text, { subject: pod.name })
}

const members = { ipc: 'ipc', uts: 'uts', pid: 'pid', user: 'user', cgroup: 'cgroup' } as const

function namespacesOf(
  { config, infraId }: PodRecord,
  { network, security }: ContainerSpec,
): Pick<ContainerSpec, 'network' | 'security'> {
  const joined = { kind: 'container', container: infraId } as const
  const asked = security?.namespaces ?? {}
  const shared = Object.entries(members).filter(([name, key]) => {
    const mode = asked[key]
    // The host's own cannot be joined by who is in it already.
    if (key === 'user' && !hasOwnUsers(config.spec.security)) return false
    return config.shares.includes(name as Shared) && (mode === undefined || mode.kind === 'pod')
  })
  const namespaces: SecuritySpec['namespaces'] = {
    ...asked,
    ...Object.fromEntries(shared.map(([, key]) => [key, joined])),
  }
  const sharesNet = config.shares.includes('net') && network?.mode === undefined
  return {
    security: { ...security, namespaces },
    ...(sharesNet ? { network: { ...network, mode: joined } } : network && { network }),
  }
}
