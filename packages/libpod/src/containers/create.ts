import { rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { StorageError } from '@libpod/storage'
import { refuseUnfindable } from '../auto-update/policy.ts'
import { LibpodError } from '../errors.ts'
import { fitLimits } from '../host/limits.ts'
import type { FoundImage, PullEvent } from '../images/images.ts'
import { assignPorts } from '../networks/ports.ts'
import { type Hostnames, planConfig } from '../plan/config.ts'
import { refuseContradictions } from '../plan/contradictions.ts'
import { withDefaults } from '../plan/defaults.ts'
import { requiredCapabilities } from '../plan/required-capabilities.ts'
import { askedCapabilities } from '../plan/spec.ts'
import type { SpecInPod } from '../pods/join.ts'
import type { Rooms } from '../rooms.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { ContainerRecord, NamedVolumeUse } from '../state/container.ts'
import { withBorrowed } from './borrow.ts'
import type { ContainerId } from './containers.ts'
import { checkSources, withoutGlobs } from './globs.ts'
import { checkDestination } from './health-log.ts'
import { resolveJoined } from './joined.ts'
import { refuseMisconfigured } from './misconfigured.ts'
import { refuseMissing } from './missing.ts'
import { checkName, inventName, newContainerId } from './names.ts'
import { checkRuntime, refuseSlice } from './own-cgroup.ts'
import { containerPaths } from './paths.ts'
import { forPlainUser } from './plain-user.ts'
import { checkProgram } from './plug.ts'
import { refuseQuota } from './quota.ts'
import { refuseUnknown } from './referred.ts'
import { zoneFile } from './timezone.ts'
import { choosingIds, planUserNamespace } from './user-namespace.ts'
import { requestVolumes } from './volumes.ts'

type CreateRooms = Pick<
  Rooms,
  | 'options'
  | 'config'
  | 'state'
  | 'store'
  | 'images'
  | 'volumes'
  | 'networks'
  | 'secrets'
  | 'events'
  | 'containers'
  | 'host'
  | 'whenDisposed'
>

function capabilityWarnings({ config }: CreateRooms, record: ContainerRecord): readonly string[] {
  const { labels, spec } = record.config
  if (spec.security?.privileged === 'yes') return []
  const { refused } = requiredCapabilities(labels, askedCapabilities(spec.security ?? {}, config.containers))
  if (refused.length === 0) return []
  return [`Capabilities requested by user or image are not allowed by default: ${JSON.stringify(refused.join(','))}`]
}

/** Makes a container: image, name, record, layer, in this order; what was made is unmade when a later step fails. */
export async function createContainer(
  rooms: CreateRooms,
  asked: ContainerSpec,
  call: Call<PullEvent> = {},
): Promise<{ id: ContainerId; warnings: string[] }> {
  if (asked.health) checkDestination(asked.health)
  refuseContradictions(asked)
  refuseMisconfigured(asked, rooms)
  refuseUnfindable(asked)
  await refuseMissing(asked)
  await refuseUnknown(rooms, asked)
  refuseSlice(rooms, asked)
  await checkNetworks(rooms, asked)
  await refuseQuota(rooms, asked)
  await checkProgram(rooms, asked)
  checkSources(asked.mounts?.mounts ?? [])
  const mounts = asked.mounts?.mounts ? { mounts: { ...asked.mounts, mounts: withoutGlobs(asked.mounts.mounts) } } : {}
  const { resources, warnings } = fitLimits(asked.resources ?? {}, rooms.host)
  const fitting = withDefaults({ ...asked, ...mounts, ...(asked.resources ? { resources } : {}) }, rooms.config)
  checkRuntime(rooms, fitting)
  const { spec: placed, podId } = asked.pod === undefined ? { spec: fitting } : await inPod(rooms, fitting)
  const spec = withBorrowed(rooms, resolveJoined(rooms, forPlainUser(rooms, placed)))
  const image = spec.rootfs ? undefined : await imageFor(rooms, spec, call)
  call.signal?.throwIfAborted()
  if (spec.process?.timezone !== undefined) zoneFile(spec.process.timezone)
  if (spec.name && spec.onNameConflict === 'replace') await removeOld(rooms, spec.name)
  await using undo = new AsyncDisposableStack()
  const record = await choosingIds(rooms, spec, () => insertRecord(rooms, { spec, image, podId }))
  undo.defer(() => rooms.state.containers.delete(record.id, 0))
  const refused = capabilityWarnings(rooms, record)
  await addToStore(rooms, record).catch(error => {
    throw error instanceof StorageError && error.code === 'NAME_IN_USE' ? takenElsewhere(record.name, error) : error
  })
  undo.defer(async () => (await rooms.store()).containers.remove(record.id))
  if (spec.cidFile) await writeCidFile(spec.cidFile, record.id)
  undo.move()
  await sayCreated(rooms, record)
  return { id: record.id, warnings: [...warnings, ...refused, ...networkWarnings(spec)] }
}

async function sayCreated({ events, config, containers }: CreateRooms, record: ContainerRecord): Promise<void> {
  const told = config.engine.eventsInspectData ? await containers.inspect(record.id, { size: 'yes' }) : undefined
  await events.write({
    type: 'container',
    status: 'create',
    ...subjectOf(record),
    ...(told ? { containerInspectData: JSON.stringify(told) } : {}),
  })
}

/** Those that were asked for by name; the default one is made when it is needed. @throws LibpodError NETWORK_UNKNOWN */
async function checkNetworks({ networks }: CreateRooms, { network }: ContainerSpec): Promise<void> {
  const named = network?.mode?.kind === 'bridge' ? network.mode.networks : []
  for (const { name } of named)
    if (name && !(await networks.exists(name)))
      throw new LibpodError('NETWORK_UNKNOWN', `unable to find network with name or ID ${name}: network not found`, {
        subject: name,
      })
}

/** Modes of the network in which nothing can be published. */
const portless: ReadonlySet<string> = new Set(['host', 'container', 'none'])

function networkWarnings({ network = {} }: ContainerSpec): readonly string[] {
  const asked = (network.ports?.length ?? 0) > 0 || network.publishAll === 'yes'
  const kind = network.mode?.kind ?? ''
  if (!asked || !portless.has(kind)) return []
  return [`Port mappings have been discarded because "${kind}" network namespace mode does not support them`]
}

/** Who an event is about. */
export const subjectOf = ({ id, name, config }: ContainerRecord) => ({
  id,
  name,
  image: config.imageName,
  attributes: config.labels,
  ...(config.podId ? { podId: config.podId } : {}),
})

async function imageFor(rooms: CreateRooms, spec: ContainerSpec, call: Call<PullEvent>): Promise<FoundImage> {
  const { image, pullPolicy = rooms.options.pullPolicy, platform } = spec
  if (!image) throw new LibpodError('SPEC_INVALID', 'an image or a root file system is needed')
  const isFile = /^(?:docker-archive|oci-archive|oci|dir):/.test(image)
  if (pullPolicy === 'missing' && !platform && !isFile) {
    const found = await rooms.images.lookup(image).catch(ifUnknown)
    if (found) {
      await rooms.events.write({ type: 'image', status: 'pull', id: found.id, name: image })
      return found
    }
  }
  const [id] = await rooms.images.pull(image, { policy: pullPolicy, ...(platform ? { platform } : {}), ...call })
  const found = isFile ? undefined : await rooms.images.lookup(image).catch(ifUnknown)
  return found ?? rooms.images.lookup(id ?? image)
}

function ifUnknown(error: unknown): undefined {
  if ((error as { code?: unknown }).code !== 'IMAGE_UNKNOWN') throw error
}

async function removeOld({ containers }: CreateRooms, name: string): Promise<void> {
  if (await containers.exists(name)) await containers.remove(name, { running: 'kill', volumes: 'remove-anonymous' })
}

async function inPod(rooms: CreateRooms, spec: ContainerSpec): Promise<SpecInPod> {
  const { specInPod } = await import('../pods/join.ts')
  const fitted = specInPod(rooms.state, spec)
  if (spec.initContainer && (await runsIn(rooms, fitted.podId ?? '')))
    throw new LibpodError('SPEC_INVALID', 'cannot add init-ctr to a running pod', { subject: spec.pod ?? '' })
  return fitted
}

const runsIn = async ({ containers }: CreateRooms, podId: string): Promise<boolean> =>
  (await containers.list({ filters: { pod: [podId], status: ['running'] } })).length > 0

interface Planned extends SpecInPod {
  readonly image: FoundImage | undefined
}

async function insertRecord(rooms: CreateRooms, planned: Planned): Promise<ContainerRecord> {
  if (planned.spec.name) checkName(planned.spec.name)
  const means = await gatherMeans(rooms, planned)
  for (;;) {
    const record = planRecord(rooms, planned, means)
    try {
      rooms.state.containers.insert(record, {
        needs: dependencies(rooms, planned.spec),
        volumes: record.config.volumes.map(({ name }) => name),
        networks: record.config.networks.map(({ name }) => name),
      })
      return record
    } catch (error) {
      // Two that were made at once may have been given one name: whoever asked for none gets another.
      if (planned.spec.name || !(error instanceof LibpodError && error.code === 'NAME_IN_USE')) throw error
    }
  }
}

/** What a new container is given besides its name. */
type Means = Awaited<ReturnType<typeof gatherMeans>>

async function gatherMeans(rooms: CreateRooms, { spec, image }: Planned) {
  const volumes: readonly NamedVolumeUse[] = await requestVolumes(rooms, spec, image)
  return {
    volumes,
    ports: await assignPorts(wantedPorts(spec, image)),
    namespace: await planUserNamespace(rooms, spec, image),
    hostnames: hostnamesFor(rooms, spec),
    ...(spec.lease ? { lease: await (await import('./lease.ts')).takeLease(rooms) } : {}),
  }
}

function planRecord(rooms: CreateRooms, { spec, image, podId }: Planned, means: Means): ContainerRecord {
  const id = newContainerId()
  const name = spec.name || freeName(rooms)
  const { bundle } = containerPaths(rooms.options, id)
  const config = planConfig({
    id,
    name,
    spec,
    image,
    config: rooms.config,
    options: rooms.options,
    directory: bundle,
    env: process.env,
    ...means,
    ...(podId === undefined ? {} : { podId }),
  })
  return { id, name, created: Date.now(), config, status: { state: 'created', restarts: 0 } }
}

function hostnamesFor({ state }: CreateRooms, { security }: ContainerSpec): Hostnames {
  const uts = security?.namespaces?.uts
  const joined = uts?.kind === 'container' ? state.containers.find(uts.container).config.hostname : undefined
  return { host: hostname(), ...(joined ? { joined } : {}) }
}

function freeName({ state }: CreateRooms): string {
  const taken = new Set(state.containers.names())
  for (let tries = 0; ; tries++) {
    const name = tries < 100 ? inventName() : `${inventName()}${tries}`
    if (!taken.has(name)) return name
  }
}

/** `-P` publishes what image and caller expose and nobody published. */
function wantedPorts(
  spec: ContainerSpec,
  image: FoundImage | undefined,
): NonNullable<NonNullable<ContainerSpec['network']>['ports']> {
  if (portless.has(spec.network?.mode?.kind ?? '')) return []
  const ports = spec.network?.ports ?? []
  if (spec.network?.publishAll !== 'yes') return ports
  const exposed = [...(image?.config.exposedPorts ?? []), ...(spec.network.expose ?? [])].map(exposedPort)
  const published = (port: (typeof exposed)[number]): boolean =>
    ports.some(one => one.containerPort === port.containerPort && one.protocol === port.protocol)
  return [...ports, ...exposed.filter(port => !published(port))]
}

function exposedPort(text: string): { containerPort: number; protocol: 'tcp' | 'udp' | 'sctp' } {
  const [port = '', protocol = 'tcp'] = text.split('/')
  return { containerPort: Number(port.split('-')[0]), protocol: protocol as 'tcp' | 'udp' | 'sctp' }
}

/** Containers whose namespaces it joins or that it was told to need. */
function dependencies({ state }: CreateRooms, spec: ContainerSpec): readonly string[] {
  const modes = [spec.network?.mode, ...Object.values(spec.security?.namespaces ?? {})]
  const joined = modes.flatMap(mode => (mode?.kind === 'container' ? [mode.container] : []))
  return [...joined, ...(spec.dependencies ?? [])].map(name => state.containers.find(name).id)
}

async function addToStore(rooms: CreateRooms, { id, name, created, config }: ContainerRecord): Promise<void> {
  const store = await rooms.store()
  const metadata = {
    'image-name': config.imageName,
    'image-id': config.imageId,
    name,
    'created-at': Math.floor(created / 1000),
  }
  await store.containers.create({
    id,
    names: [name],
    ...(config.imageId ? { image: config.imageId } : {}),
    ...(config.idMappings ? { mappings: config.idMappings } : {}),
    metadata: JSON.stringify(metadata),
    // What goes with its process need not survive a power cut.
    volatile: config.spec.onExit && config.spec.onExit !== 'keep' ? 'yes' : 'no',
  })
}

/** Another tool's container, which the store alone knows. */
const takenElsewhere = (name: string, cause: StorageError): LibpodError =>
  new LibpodError(
    'NAME_IN_USE',
    `creating container storage: the container name "${name}" is already in use by ${cause.subject}. You have to remove that container to be able to reuse that name: that name is already in use by an external entity, or use --replace to instruct Podman to do so.`,
    { subject: name, cause },
  )

/** Node's `ENOENT: no such file or directory, open '/x'` without what surrounds the reason. */
const reasonOf = ({ message }: Error): string => /^[A-Z0-9]+: ([^,]+),/.exec(message)?.[1] ?? message

async function writeCidFile(path: string, id: string): Promise<void> {
  await writeFile(path, id).catch(cause => {
    throw new LibpodError('SPEC_INVALID', `creating container id file ${path}: ${reasonOf(cause)}`, {
      subject: path,
      cause,
    })
  })
}

/** Removes the id file together with the container. */
export const removeCidFile = async ({ config }: ContainerRecord): Promise<void> => {
  if (config.spec.cidFile) await rm(config.spec.cidFile, { force: true })
}
