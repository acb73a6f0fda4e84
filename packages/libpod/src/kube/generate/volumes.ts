import type { RequestedMount } from '../../spec/mount.ts'
import type { KubeContainer, KubeVolume } from '../objects.ts'
import type { HostPathType } from '../volumes.ts'

type VolumeMount = NonNullable<KubeContainer['volumeMounts']>[number]

export interface Mounted {
  readonly mount: VolumeMount
  readonly volume: KubeVolume
}

/** What each mount of a container is in a pod of Kubernetes; what that knows nothing like is left out. */
export function mountedVolumes(
  mounts: readonly RequestedMount[],
  typeOf: (path: string) => HostPathType,
): readonly Mounted[] {
  return mounts.flatMap((mount, index) => {
    const found = volumeOf(mount, { index, typeOf })
    if (!found) return []
    const readOnly = 'options' in mount && mount.options.includes('ro')
    const { subPath } = { subPath: undefined, ...mount }
    return [
      {
        volume: found,
        mount: {
          mountPath: mount.destination,
          name: found.name ?? '',
          ...(readOnly && { readOnly }),
          ...(subPath !== undefined && { subPath }),
        },
      },
    ]
  })
}

function volumeOf(
  mount: RequestedMount,
  { index, typeOf }: { readonly index: number; readonly typeOf: (path: string) => HostPathType },
): KubeVolume | undefined {
  switch (mount.kind) {
    case 'bind':
      return {
        name: `${pathName(mount.source)}-host-${index}`,
        hostPath: { path: mount.source, type: typeOf(mount.source) },
      }
    case 'volume':
      return mount.name === undefined
        ? { name: `anonymous-${index}`, emptyDir: {} }
        : { name: `${kubeName(mount.name)}-pvc`, persistentVolumeClaim: { claimName: mount.name } }
    case 'tmpfs':
      return { name: `tmpfs-${index}`, emptyDir: { medium: 'Memory' } }
    case 'image':
      return { name: `image-${index}`, image: { reference: mount.image } }
    default:
      return undefined
  }
}

/** Letters, digits and hyphens are all that a name of Kubernetes has. */
const kubeName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')

const pathName = (path: string): string => kubeName(path) || 'root'
