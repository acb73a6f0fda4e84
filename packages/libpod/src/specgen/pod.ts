import type { PodRecord } from '../pods/table.ts'
import type { SecuritySpec } from '../spec/security.ts'
import { deviceText } from './container.ts'
import { idMappings } from './ids.ts'
import { namespaceOf } from './namespaces.ts'
import { namesOf, networksOf, portMappings, programOptions } from './network.ts'
import { resourceLimits } from './resources.ts'
import { type ContainerSource, type Generated, present, sorted } from './source.ts'
import { shmOf, storageOf } from './storage.ts'

/** What a description of a pod is made from. */
export interface PodSource {
  readonly pod: PodRecord
  /** The container that holds its namespaces, with the pod's own limits; absent where there is none. */
  readonly infra?: ContainerSource
}

/** The `PodSpecGenerator` of Podman's API (POST /libpod/pods/create) that makes a pod like this one, without its containers. Pure. */
export function podGenerator({ pod, infra }: PodSource, name: string): Generated {
  const { spec, config } = { spec: pod.config.spec, config: infra?.record.config }
  const { security = {}, network = {}, mounts = {} } = spec
  const { ipc, pid, user, uts } = security.namespaces ?? {}
  const namespace = (mode: Parameters<typeof namespaceOf>[0], usual: string) =>
    infra ? namespaceOf(mode, usual, undefined) : {}
  return {
    ...present({
      name,
      exit_policy: spec.exitPolicy,
      labels: sorted(spec.labels),
      no_infra: infra ? undefined : true,
      infra_command: spec.infraCommand,
      infra_image: spec.infraImage,
    }),
    ipcns: namespace(ipc, 'default'),
    ...present({
      shared_namespaces: spec.share,
      restart_policy: spec.restart?.name,
      restart_tries: spec.restart?.maxRetries,
    }),
    ...(spec.shareParent === 'no' && { share_parent: false }),
    ...present({ pod_create_command: spec.createCommand }),
    pidns: namespace(pid, 'default'),
    userns: namespace(user, security.idMappings ? 'private' : 'default'),
    utsns: namespace(uts, 'private'),
    ...present({ pod_devices: security.devices?.map(deviceText), sysctl: sorted(security.sysctl) }),
    netns: namespace(network.mode, 'bridge'),
    ...present({ portmappings: config && portMappings(config.ports) }),
    Networks: infra ? networksOf(infra.record) : null,
    ...present({
      no_manage_resolv_conf: network.resolvConf === 'leave' || undefined,
      ...namesOf(network),
      no_manage_hostname: network.hostnameFile === 'leave' || undefined,
      no_manage_hosts: network.hostsFile === 'leave' || undefined,
      hostsFile: network.baseHostsFile,
      network_options: programOptions(network),
      cgroup_parent: spec.resources?.cgroupParent,
      resource_limits: infra && resourceLimits(infra),
      ...storageOf(mounts.mounts ?? [], config?.volumes ?? []),
    }),
    ...shmOf(mounts, ipc?.kind),
    ...present({ security_opt: securityOptions(security) }),
    ...(config && { idmappings: idMappings(config) }),
  }
}

/** As `--security-opt` has them. */
const securityOptions = (security: SecuritySpec): readonly string[] => [
  ...(security.noNewPrivileges === 'yes' ? ['no-new-privileges'] : []),
  ...(security.labels ?? []).map(label => `label=${label}`),
  ...(security.seccomp === undefined ? [] : [`seccomp=${security.seccomp}`]),
  ...(security.apparmor === undefined ? [] : [`apparmor=${security.apparmor}`]),
  ...(security.mask?.length ? [`mask=${security.mask.join(':')}`] : []),
  ...(security.unmask?.length ? [`unmask=${security.unmask.join(':')}`] : []),
]
