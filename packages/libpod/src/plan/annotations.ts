import type { ContainerSpec } from '../spec/container.ts'
import { namespaceOf } from '../specgen/namespaces.ts'
import type { ContainerRecord } from '../state/container.ts'

type Annotations = Readonly<Record<string, string>>
type Annotated = Pick<ContainerRecord, 'config'>

/** What the OCI runtime is told of a container; nothing of it comes from the image but its stop signal, which is the container's by now. */
export function annotations({ config }: Annotated): Annotations {
  const { stopSignal, stopTimeout } = config
  return {
    'io.container.manager': 'libpod',
    'org.opencontainers.image.stopSignal': String(stopSignal),
    // For systemd, which may stop the container's scope itself.
    'org.systemd.property.KillSignal': String(stopSignal),
    ...(stopTimeout > 0 ? { 'org.systemd.property.TimeoutStopUSec': `uint64 ${stopTimeout * 1_000_000}` } : {}),
    ...ownAnnotations({ config }),
  }
}

/** Those that a container has from its creation on: what it was asked to be, as far as its spec does not say so, and its user's. */
export function ownAnnotations({ config: { spec } }: Annotated): Annotations {
  const { security = {}, resources = {} } = spec
  const { cpu, pids } = resources
  const marks = {
    cpuset: cpu?.cpus,
    'memory-nodes': cpu?.mems,
    'pids-limit': pids?.limit === undefined ? undefined : String(pids.limit),
    autoremove: said(spec.onExit !== undefined && spec.onExit !== 'keep'),
    'autoremove-image': said(spec.onExit === 'remove-with-image'),
    privileged: said(security.privileged === 'yes'),
    'publish-all': said(spec.network?.publishAll === 'yes'),
    init: said(spec.init !== undefined),
    'cid-file': spec.cidFile,
    userns: userns(security),
    'volumes-from': spec.mounts?.volumesFrom?.join(';'),
    label: security.labels?.join(',label='),
    apparmor: security.apparmor,
    seccomp: security.seccomp,
  }
  return {
    ...Object.fromEntries(
      Object.entries(marks).flatMap(([name, value]) => (value ? [[`io.podman.annotations.${name}`, value]] : [])),
    ),
    // crun keeps the groups of whoever started it.
    ...(spec.process?.supplementaryGroups?.includes('keep-groups') ? { 'run.oci.keep_original_groups': '1' } : {}),
    ...spec.annotations,
  }
}

const said = (holds: boolean): string | undefined => (holds ? 'TRUE' : undefined)

/** As `--userns` spells it; mappings that were asked for by themselves make one of its own. */
function userns({ namespaces, idMappings }: NonNullable<ContainerSpec['security']>): string | undefined {
  const mode = namespaces?.user
  if (!mode) return idMappings ? 'private' : undefined
  const { nsmode, value } = namespaceOf(mode, '', undefined)
  return value ? `${nsmode}:${value}` : nsmode
}
