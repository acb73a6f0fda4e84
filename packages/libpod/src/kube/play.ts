import { availableParallelism, totalmem } from 'node:os'
import type { BuildEvent } from '../build/spec.ts'
import { LibpodError } from '../errors.ts'
import type { PullEvent } from '../images/images.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { RequestedMount } from '../spec/mount.ts'
import { automounts } from './automount.ts'
import { checkClaim, makeClaim } from './claims.ts'
import { containerSpec, type PodAround } from './container-spec.ts'
import { readDocuments } from './documents.ts'
import type { Sources } from './environment.ts'
import { furnishVolumes } from './furnish.ts'
import { fetchImages } from './images.ts'
import type { KubePlayedPod, KubePlayOptions, KubePlayReport } from './kube.ts'
import type { KubeContainer, KubeObject } from './objects.ts'
import { defaultNetwork, type PodOptions, podSpec } from './pod-spec.ts'
import type { KubeRooms } from './rooms.ts'
import { keepSecret } from './secrets.ts'
import { makeService, settleService } from './service-container.ts'
import { sourcesOf } from './sources.ts'
import { planVolumes } from './volumes.ts'
import { checkNames, replicaWarnings, type Workload, workloadOf } from './workload.ts'

type Options = KubePlayOptions & Call<PullEvent | BuildEvent>

/** All is read, planned and fetched before anything is made; what is made is unmade when a later step fails. */
export async function play(rooms: KubeRooms, yaml: string, options: Options = {}): Promise<KubePlayReport> {
  const objects = readDocuments(yaml).map(object => annotated(object, options))
  refuseNothing(objects)
  const workloads = objects.flatMap(object => workloadOf(object) ?? [])
  const sources = await sourcesOf(rooms, objects, { workloads, options })
  for (const workload of workloads) checkNames(workload)
  const plans = workloads.map((workload, index) => planPod(workload, sources, addressed(options, index)))
  for (const plan of plans) specsOf(plan, '')
  for (const object of objects) if (object.kind === 'PersistentVolumeClaim') checkClaim(object)
  await refuseTaken(rooms, workloads, options)
  await fetchImages(rooms, plans, options)
  const ready = await Promise.all(plans.map(plan => withAutomounts(rooms, plan)))
  const replaced = options.onNameConflict === 'replace' ? await removePods(rooms, workloads, options) : []
  await using undo = new AsyncDisposableStack()
  const { signal } = options
  const volumes: string[] = []
  const secrets: string[] = []
  for (const object of objects) {
    if (object.kind === 'Secret') secrets.push(await keepSecret(rooms, object, undo))
    if (object.kind === 'PersistentVolumeClaim')
      volumes.push(await makeClaim(rooms, object, { undo, ...(signal && { signal }) }))
  }
  const service = await makeService(rooms, yaml, { workloads, options }, undo)
  const pods: { readonly played: KubePlayedPod; readonly warnings: readonly string[] }[] = []
  for (const plan of ready)
    pods.push(await playPod(rooms, { ...plan, ...(service !== undefined && { service }) }, undo))
  if (service !== undefined) await settleService(rooms, service, pods)
  undo.move()
  return {
    replaced,
    volumes,
    secrets,
    pods: pods.map(({ played }) => played),
    warnings: [...replicaWarnings(objects), ...pods.flatMap(({ warnings }) => warnings)],
  }
}

/** What the caller says of annotations counts for claims as well. */
function annotated(object: KubeObject, { annotations }: Options): KubeObject {
  if (object.kind !== 'PersistentVolumeClaim' || !annotations) return object
  const { metadata } = object
  return { ...object, metadata: { ...metadata, annotations: { ...metadata?.annotations, ...annotations } } }
}

function addressed(options: Options, index: number): Options & PodOptions {
  const { staticIps = [], staticMacs = [] } = options
  const [staticIp, staticMac] = [staticIps[index], staticMacs[index]]
  return { ...options, ...(staticIp !== undefined && { staticIp }), ...(staticMac !== undefined && { staticMac }) }
}

function refuseNothing(objects: readonly KubeObject[]): void {
  if (objects.length === 0)
    throw new LibpodError('KUBE_INVALID', 'YAML document does not contain any supported kube kind')
  if (objects.every(({ kind }) => kind === 'ConfigMap'))
    throw new LibpodError(
      'KUBE_INVALID',
      'ConfigMaps in podman are not a standalone object and must be used in a container',
    )
}

/** Whose pod is there already is told before anything is fetched. @throws LibpodError NAME_IN_USE */
async function refuseTaken(rooms: KubeRooms, workloads: readonly Workload[], options: Options): Promise<void> {
  for (const [index, { name }] of workloads.entries()) {
    const twice = workloads.slice(0, index).some(other => other.name === name)
    if (!twice && (options.onNameConflict === 'replace' || !(await podIdOf(rooms, name)))) continue
    const text = `adding pod to state: name ${JSON.stringify(name)} is in use: pod already exists`
    throw new LibpodError('NAME_IN_USE', text, { subject: name })
  }
}

async function removePods(
  rooms: KubeRooms,
  workloads: readonly Workload[],
  { signal }: Options,
): Promise<readonly string[]> {
  const removed: string[] = []
  for (const { name } of workloads) {
    const old = await podIdOf(rooms, name)
    if (old === undefined) continue
    await rooms.pods.remove(old, { running: 'kill', ...(signal && { signal }) })
    removed.push(old)
  }
  return removed
}

/** The pod of exactly this name; part of an id is none. */
async function podIdOf({ pods }: KubeRooms, name: string): Promise<string | undefined> {
  return (await pods.list()).find(pod => pod.name === name)?.id
}

interface Plan {
  readonly workload: Workload
  readonly options: Options & PodOptions
  readonly around: Omit<PodAround, 'id'>
  readonly service?: string
  /** By the names of containers. */
  readonly automounts?: ReadonlyMap<string, readonly RequestedMount[]>
}

function planPod(workload: Workload, sources: Sources, options: Options & PodOptions): Plan {
  const { name, metadata, spec } = workload
  podSpec(workload, options)
  return {
    workload,
    options,
    around: {
      name,
      metadata,
      spec,
      sources,
      volumes: planVolumes(name, spec, sources),
      annotations: { ...metadata.annotations, ...options.annotations },
      names: options.names ?? 'prefixed',
      seccompRoot: options.seccompRoot ?? '/var/lib/kubelet/seccomp',
      host: { memory: totalmem(), cpu: availableParallelism() },
      ...(options.log && { log: options.log }),
    },
  }
}

async function withAutomounts(rooms: KubeRooms, plan: Plan): Promise<Plan> {
  const { annotations, spec } = plan.around
  const names = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].map(({ name = '' }) => name)
  const each = names.map(async name => [name, await automounts(rooms, annotations, name)] as const)
  return { ...plan, automounts: new Map(await Promise.all(each)) }
}

const specsOf = ({ workload, around, automounts: found }: Plan, id: string): readonly ContainerSpec[] => {
  const pod = { ...around, id }
  const specOf = (container: KubeContainer, role: 'init' | 'main'): ContainerSpec => {
    const spec = containerSpec(container, pod, role)
    const more = found?.get(container.name ?? '') ?? []
    if (more.length === 0) return spec
    return { ...spec, mounts: { ...spec.mounts, mounts: [...more, ...(spec.mounts?.mounts ?? [])] } }
  }
  const { initContainers = [], containers = [] } = workload.spec
  return [
    ...initContainers.map(container => specOf(container, 'init')),
    ...containers.map(container => specOf(container, 'main')),
  ]
}

async function playPod(
  rooms: KubeRooms,
  plan: Plan,
  undo: AsyncDisposableStack,
): Promise<{ readonly played: KubePlayedPod; readonly warnings: readonly string[] }> {
  const { options } = plan
  const call = options.signal ? { signal: options.signal } : {}
  const spec = podSpec(plan.workload, options)
  if (spec.network?.mode?.kind === 'bridge' && spec.network.mode.networks.some(({ name }) => name === defaultNetwork))
    await rooms.networks.create({ name: defaultNetwork, onNameConflict: 'ignore' })
  await furnishVolumes(rooms, plan.around.volumes.values(), undo)
  const { service } = plan
  const pod = await rooms.pods.create({ ...spec, ...(service !== undefined && { service }) }, call)
  undo.defer(async () => void (await rooms.pods.remove(pod.id, { running: 'kill', timeout: 0 })))
  const containers: string[] = []
  const warnings = [...pod.warnings]
  for (const each of specsOf(plan, pod.id)) {
    const onNameConflict = options.onNameConflict ?? 'refuse'
    if (onNameConflict === 'replace' && each.name !== undefined) await removeOld(rooms, each.name)
    const made = await rooms.containers.create({ ...each, pullPolicy: 'never', onNameConflict }, call)
    if (!each.initContainer) containers.push(made.id)
    warnings.push(...made.warnings)
  }
  const errors = options.start === 'no' ? [] : await startPod(rooms, { id: pod.id, name: plan.workload.name }, call)
  return { played: { id: pod.id, containers, errors }, warnings }
}

/** Also one that only the store knows. */
async function removeOld({ containers }: KubeRooms, name: string): Promise<void> {
  if (await containers.exists(name, 'external')) await containers.remove(name, { running: 'kill' })
}

/** A container that does not start keeps the others from nothing. */
async function startPod(
  { pods }: KubeRooms,
  { id, name }: { readonly id: string; readonly name: string },
  call: Call,
): Promise<readonly string[]> {
  try {
    await pods.start(id, call)
    return []
  } catch (error) {
    call.signal?.throwIfAborted()
    if (!(error instanceof LibpodError && error.code === 'CONTAINER_STATE' && error.cause)) throw error
    const causes: readonly unknown[] = error.cause instanceof AggregateError ? error.cause.errors : [error.cause]
    return causes.map(
      cause => `starting a container of pod ${name}: ${cause instanceof Error ? cause.message : String(cause)}`,
    )
  }
}
