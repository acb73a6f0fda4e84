import type { IdMap } from '../spec/security.ts'
import type { ContainerConfig } from '../state/container.ts'
import type { Generated } from './source.ts'

/** The mappings of a user namespace. In a pod they are the pod's; those chosen automatically are chosen anew. */
export function idMappings({ spec, podId, idMappings: own, infra }: ContainerConfig): Generated {
  const mode = spec.security?.namespaces?.user
  const automatic = mode?.kind === 'auto'
  const mapped = automatic || mode?.kind === 'keep-id' || mode?.kind === 'nomap' ? undefined : own
  const ofHost = own === undefined && (podId === undefined || infra === 'yes')
  return {
    HostUIDMapping: ofHost,
    HostGIDMapping: ofHost,
    UIDMap: mapsOf(mapped?.uids),
    GIDMap: mapsOf(mapped?.gids),
    AutoUserNs: automatic,
    AutoUserNsOpts: {
      Size: automatic ? (mode.size ?? 0) : 0,
      InitialSize: 0,
      PasswdFile: '',
      GroupFile: '',
      AdditionalUIDMappings: mapsOf(automatic ? mode.uidMappings : undefined),
      AdditionalGIDMappings: mapsOf(automatic ? mode.gidMappings : undefined),
    },
  }
}

const mapsOf = (maps: readonly IdMap[] = []): readonly Generated[] | null =>
  maps.length === 0
    ? null
    : maps.map(({ containerId, hostId, size }) => ({ container_id: containerId, host_id: hostId, size }))
