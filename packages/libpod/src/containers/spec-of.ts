import { withoutInherited } from '../pods/inherit.ts'
import { PodTable } from '../pods/table.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { NetworkAttachment, NetworkSpec } from '../spec/network.ts'
import type { ContainerRecord } from '../state/container.ts'

type SpecRooms = Pick<Rooms, 'state' | 'images'>

/** What a container is made of by now, for another one like it: without its name and the files that are its own. @throws LibpodError CONTAINER_UNKNOWN */
export async function specOfContainer(rooms: SpecRooms, name: string): Promise<ContainerSpec> {
  const record = rooms.state.containers.find(name)
  const { config } = record
  const {
    name: _,
    cidFile: __,
    pidFile: ___,
    conmonPidFile: ____,
    onNameConflict: _____,
    lease: ______,
    pullPolicy: _______,
    ...spec
  } = config.spec
  const { volumesFrom: ________, ...mounts } = spec.mounts ?? {}
  const network = networkOf(record)
  return outOfPod(rooms, record, {
    ...spec,
    // What it borrowed is among its own by now.
    ...(spec.mounts ? { mounts } : {}),
    ...(config.imageId ? { image: await imageOf(rooms, record) } : {}),
    ...(config.healthcheck ? { health: config.healthcheck } : {}),
    ...(network ? { network } : {}),
  })
}

/** The very image, by its name as long as that is still its. */
async function imageOf({ images }: SpecRooms, { config }: ContainerRecord): Promise<string> {
  const now = await images.inspect(config.imageName).catch(() => undefined)
  return now?.Id === config.imageId ? config.imageName : config.imageId
}

/** Networks come and go while a container lives (podman-network-connect(1)). */
function networkOf({ id, config }: ContainerRecord): NetworkSpec | undefined {
  const { network } = config.spec
  if (network?.mode === undefined && config.networks.every(({ interfaceName }) => interfaceName === undefined))
    return network
  const kind = network?.mode?.kind ?? 'bridge'
  const own = (alias: string): boolean => alias !== id.slice(0, 12)
  const networks = config.networks.map(
    (each): NetworkAttachment => ({ ...each, ...(each.aliases ? { aliases: each.aliases.filter(own) } : {}) }),
  )
  return kind === 'bridge' && networks.length > 0 ? { ...network, mode: { kind: 'bridge', networks } } : network
}

/** What it has of its pod it gets there anew, or of another. */
function outOfPod({ state }: SpecRooms, { config }: ContainerRecord, asked: ContainerSpec): ContainerSpec {
  const pod = config.podId === undefined ? undefined : new PodTable(state.database).byId(config.podId)
  if (!pod) return asked
  const spec = withoutInherited(asked, pod.config.spec)
  const ofPod = (mode: { readonly kind: string; readonly container?: string } | undefined): boolean =>
    mode?.kind === 'container' && mode.container === pod.infraId
  const namespaces = Object.entries(spec.security?.namespaces ?? {}).filter(([, mode]) => !ofPod(mode))
  const { cgroupParent, ...resources } = spec.resources ?? {}
  return {
    ...spec,
    pod: pod.id,
    security: { ...spec.security, namespaces: Object.fromEntries(namespaces) },
    resources:
      cgroupParent === pod.config.cgroup || cgroupParent === undefined ? resources : { ...resources, cgroupParent },
    ...(spec.network && ofPod(spec.network.mode) ? { network: withoutMode(spec.network) } : {}),
  }
}

function withoutMode({ mode: _, ...network }: NetworkSpec): NetworkSpec {
  return network
}
