import { randomInt } from 'node:crypto'
import { statSync } from 'node:fs'
import { LibpodError } from '../../errors.ts'
import { findPod, membersOf } from '../../pods/members.ts'
import type { Rooms } from '../../rooms.ts'
import type { KubeGenerateOptions } from '../kube.ts'
import type { KubeTemplate } from '../objects.ts'
import type { HostPathType } from '../volumes.ts'
import { claimOf } from './claim.ts'
import { type Described, plainName } from './container.ts'
import { documentOf, type GeneratedType, serviceOf, typeNamed } from './kinds.ts'
import { kubePod, type PodSource } from './pod.ts'
import { textOf } from './text.ts'

export type GenerateRooms = Pick<
  Rooms,
  'options' | 'config' | 'host' | 'state' | 'containers' | 'events' | 'images' | 'volumes'
>

/** Containers that are in no pod become one together; each pod and each volume is a document of its own. */
export async function generate(
  rooms: GenerateRooms,
  names: readonly string[],
  options: KubeGenerateOptions,
): Promise<string> {
  const type = typeNamed(options.type || rooms.config.engine.kubeGenerateType || 'pod')
  const { replicas } = options
  refuseReplicas(type, replicas)
  const now = `${new Date().toISOString().slice(0, 19)}Z`
  const found = []
  for (const name of names) found.push(await find(rooms, name))
  const ids = found.flatMap(each => (each.kind === 'container' ? [each.id] : []))
  const pods: Required<KubeTemplate>[] = []
  for (const each of found) if (each.kind === 'pod') pods.push(kubePod(await sourceOfPod(rooms, each.id, options)))
  if (ids.length > 0) pods.push(kubePod(await sourceOfContainers(rooms, ids, options)))
  const claims: unknown[] = []
  for (const each of found) if (each.kind === 'volume') claims.push(claimOf(await rooms.volumes.inspect(each.id), now))
  const documents = pods.flatMap(pod => [
    ...(options.service === 'yes' ? [serviceOf(pod, now, () => randomInt(30_000, 32_768))] : []),
    documentOf(pod, now, { type, ...(replicas !== undefined && { replicas }) }),
  ])
  return textOf([...claims, ...documents], options.version)
}

function refuseReplicas(type: GeneratedType, replicas = 1): void {
  if (replicas < 1)
    throw new LibpodError(
      'SPEC_INVALID',
      '--replicas has to be greater than or equal to 1. By default, --replicas is set to 1',
    )
  if (replicas > 1 && type === 'daemonset')
    throw new LibpodError('SPEC_INVALID', "k8s DaemonSets don't allow setting replicas")
  if (replicas > 1 && type !== 'deployment')
    throw new LibpodError('SPEC_INVALID', '--replicas can only be set when --type is set to deployment')
}

interface Found {
  readonly kind: 'container' | 'pod' | 'volume'
  readonly id: string
}

async function find(rooms: GenerateRooms, name: string): Promise<Found> {
  const container = unless(() => rooms.state.containers.find(name))
  if (container) {
    const { podId } = container.config
    if (podId === undefined) return { kind: 'container', id: container.id }
    const text = `container ${container.id} is associated with pod ${podId}: use generate on the pod itself`
    throw new LibpodError('SPEC_INVALID', text, { subject: name })
  }
  const pod = unless(() => findPod(rooms, name))
  if (pod) return { kind: 'pod', id: pod.id }
  if (await rooms.volumes.exists(name)) return { kind: 'volume', id: name }
  throw new LibpodError('CONTAINER_UNKNOWN', `name or ID ${JSON.stringify(name)} not found`, { subject: name })
}

function unless<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (error instanceof LibpodError && /^(CONTAINER|POD)_UNKNOWN$/.test(error.code)) return undefined
    throw error
  }
}

const reservedOf = ({ reserved = 'without-reserved' }: KubeGenerateOptions) => reserved

async function sourceOfPod(rooms: GenerateRooms, id: string, options: KubeGenerateOptions): Promise<PodSource> {
  const pod = findPod(rooms, id)
  const members = (await membersOf(rooms, pod)).toSorted((one, other) => one.created - other.created)
  const own = members.filter(({ infra }) => infra === 'no')
  if (own.length === 0) {
    const what = members.length > 0 ? 'only has an infra container' : 'has no containers'
    throw new LibpodError('SPEC_INVALID', `pod ${pod.id} ${what}`, { subject: pod.name })
  }
  const containers: Described[] = []
  for (const member of own) containers.push(await describe(rooms, member.id))
  const infra = members.find(({ infra: is }) => is === 'yes')
  const ports = infra ? rooms.state.containers.find(infra.id).config.ports : []
  return { name: pod.name, containers, pod: { spec: pod.config.spec, ports }, reserved: reservedOf(options), typeOf }
}

async function sourceOfContainers(
  rooms: GenerateRooms,
  ids: readonly string[],
  options: KubeGenerateOptions,
): Promise<PodSource> {
  const containers: Described[] = []
  for (const id of ids) containers.push(await describe(rooms, id))
  return { name: `${plainName(containers[0]?.name ?? '')}-pod`, containers, reserved: reservedOf(options), typeOf }
}

async function describe(rooms: GenerateRooms, id: string): Promise<Described> {
  const { name, config } = rooms.state.containers.find(id)
  if (config.imageId === '')
    throw new LibpodError('SPEC_INVALID', `container ${name}: k8s does not support Rootfs`, { subject: name })
  const spec = await rooms.containers.spec(id)
  const image = await rooms.images.lookup(config.imageId).catch(() => undefined)
  const imageEntrypoint = image?.config.entrypoint?.length ? 'yes' : 'no'
  const ports = config.podId === undefined ? config.ports : []
  return { name, spec, image: config.imageName, imageEntrypoint, ports }
}

function typeOf(path: string): HostPathType {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) return 'DirectoryOrCreate'
  return found.isDirectory() ? 'Directory' : 'File'
}
