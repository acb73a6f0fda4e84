import { posix } from 'node:path'
import type { MountSpec, RequestedMount } from '../spec/mount.ts'
import type { DeviceRequest } from '../spec/security.ts'
import type { PodAround } from './container-spec.ts'
import type { KubeContainer } from './objects.ts'
import { invalid } from './read.ts'
import type { PlannedVolume } from './volumes.ts'

type Mount = NonNullable<KubeContainer['volumeMounts']>[number]

const propagations = { None: 'private', HostToContainer: 'rslave', Bidirectional: 'rshared' } as const

/** Where a container has the volumes of its pod: mounted, or as devices. @throws LibpodError KUBE_INVALID */
export function mountsOf(
  container: KubeContainer,
  pod: PodAround,
): { readonly mounts: MountSpec; readonly devices: readonly DeviceRequest[] } {
  const placed = (container.volumeMounts ?? []).map(mount => place(mount, pod))
  const mounts = placed.flatMap(({ mount }) => (mount ? [mount] : []))
  const volumesFrom = fromOthers(container, pod)
  const readOnly = container.securityContext?.readOnlyRootFilesystem
  return {
    mounts: {
      ...(mounts.length > 0 && { mounts }),
      ...(volumesFrom.length > 0 && { volumesFrom }),
      // Of every container of a play, as Podman has it.
      readOnlyTmpfs: 'always',
      ...(readOnly !== undefined && { rootfs: { readonly: readOnly ? ('yes' as const) : ('no' as const) } }),
    },
    devices: placed.flatMap(({ device }) => (device ? [device] : [])),
  }
}

interface Placed {
  readonly mount?: RequestedMount
  readonly device?: DeviceRequest
}

function place(mount: Mount, pod: PodAround): Placed {
  const { name = '', mountPath = '' } = mount
  const volume = pod.volumes.get(name)
  if (!volume) throw invalid(`volume mount ${name}`, 'specified for container but not configured in volumes')
  const [destination = '', more, ...rest] = mountPath.split(':')
  if (!posix.isAbsolute(destination) || rest.length > 0)
    throw invalid(
      `volume mount ${name}`,
      `${JSON.stringify(mountPath)} incorrect volume format, should be ctr-dir[:option]`,
    )
  const readOnly = mount.readOnly || (volume.kind === 'named' && volume.access === 'ro')
  const propagation = mount.mountPropagation && [propagations[mount.mountPropagation]]
  const options = [...(more?.split(',') ?? []), ...(readOnly ? ['ro'] : []), ...(propagation ?? [])]
  return placeVolume(volume, { ...mount, destination, options })
}

type Place = Mount & { readonly destination: string; readonly options: readonly string[] }

function placeVolume(volume: PlannedVolume, { destination, options, subPath }: Place): Placed {
  const sub = subPath ? { subPath } : {}
  switch (volume.kind) {
    case 'host':
      return volume.type === 'CharDevice' || volume.type === 'BlockDevice'
        ? { device: { hostPath: volume.path, containerPath: destination } }
        : { mount: { kind: 'bind', source: volume.path, destination, options: [...options, 'rbind'], ...sub } }
    case 'named':
      return { mount: { kind: 'volume', name: volume.name, destination, options, ...sub } }
    case 'own':
      return { mount: { kind: 'volume', name: volume.name, destination, options: [...options, 'nocopy'], ...sub } }
    case 'memory': {
      const size = volume.size === undefined ? [] : [`size=${volume.size}`]
      return { mount: { kind: 'tmpfs', destination, options: [...options, ...size] } }
    }
    case 'image':
      return { mount: { kind: 'image', image: volume.reference, destination, readWrite: 'no', ...sub } }
  }
}

const key = 'io.podman.annotations.volumes-from/'

/** `first:ro;second` in an annotation of the pod; containers of the same pod go by the names that they have in it. */
function fromOthers(container: KubeContainer, pod: PodAround): readonly string[] {
  if (Object.hasOwn(pod.annotations, key.slice(0, -1)))
    throw invalid(`annotation ${key.slice(0, -1)}`, 'without target volume is reserved for internal use')
  const text = pod.annotations[`${key}${container.name}`]
  if (text === undefined) return []
  const inPod = new Set([...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])].map(({ name }) => name))
  return text.split(';').map(source => {
    const [name = '', options] = source.split(/:(.*)/s, 2)
    if (name === '') throw invalid(`${key}${container.name}`, 'from container name cannot be empty')
    if (name === container.name) throw invalid(`${key}${name}`, 'to and from container names cannot be same')
    const full = inPod.has(name) && pod.names === 'prefixed' ? `${pod.name}-${name}` : name
    return options ? `${full}:${options}` : full
  })
}
