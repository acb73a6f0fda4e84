import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { cachedAttachments } from '@libpod/cni'
import { withFileLock } from '../../locks/file-lock.ts'
import type { Call } from '../../spec/call.ts'
import type { AttachRequest, NetworkBackend, NetworkStatus } from '../backend.ts'
import { type CniSettings, cniBackend } from '../backends/cni/index.ts'
import { isPinned } from '../netns.ts'
import { reservePorts } from '../ports.ts'
import { type CarrierSettings, carrierDns, endCarrier, isListening, keepCarrier, setForwards } from './carrier.ts'
import { inNamespace, type Published, publish } from './forwards.ts'
import { entering, enteringNetwork, keepNamespaces, removeNamespaces, type Surroundings } from './namespace.ts'
import type { RootlessPlaces } from './places.ts'
import { forgetPublished, readPublished, savePublished } from './published.ts'

export interface RootlessSettings {
  readonly cni: Omit<CniSettings, 'cacheDir' | 'launcher'>
  readonly places: RootlessPlaces
  readonly carrier: CarrierSettings
  readonly surroundings: Omit<Surroundings, 'dns'>
}

/**
 * A plain user's bridges, in one network namespace of the user's, made for the first container and taken down after the last one.
 * All of it happens under one lock. Who is attached, the plugins' own memory says: there is no count that a killed engine could
 * leave wrong.
 */
export function rootlessBackend(settings: RootlessSettings): NetworkBackend {
  return {
    name: 'cni',
    attach: (request, call) => alone(settings, () => attach(settings, request, call), call),
    detach: (request, call) => alone(settings, () => detach(settings, request, call), call),
    forget: async network => {
      const { cni, places } = settings
      if (!isPinned(places.netns)) return
      // Without the lock, for its caller holds one that others take within this one.
      await cniBackend({ ...cni, cacheDir: places.cni, launcher: enteringNetwork(places) }).forget(network)
    },
  }
}

/** Holds the namespace that others make and take down only like this. */
export function alone<T>({ places }: RootlessSettings, work: () => Promise<T>, call: Call = {}): Promise<T> {
  mkdirSync(dirname(places.lock), { recursive: true, mode: 0o700 })
  return withFileLock(places.lock, work, call.signal)
}

/** What works on bridges in the namespace. */
const plugged = ({ cni, places }: RootlessSettings): NetworkBackend =>
  cniBackend({ ...cni, cacheDir: places.cni, launcher: entering(places) })

/** Sees to it that there is one and that packets pass, with the ports of whoever is in it. */
export async function keepNamespace(settings: RootlessSettings): Promise<void> {
  const { places, carrier } = settings
  if (!isPinned(places.netns)) endCarrier(places)
  await keepNamespaces(places, surroundingsOf(settings))
  if ((await keepCarrier(places, carrier)) === 'started') await publishAll(settings)
}

/** Takes it down when nobody is attached. */
export async function leaveNamespace(settings: RootlessSettings): Promise<void> {
  if ((await attached(settings)).length > 0) return
  takeDown(settings)
}

function takeDown({ places, surroundings }: RootlessSettings): void {
  endCarrier(places)
  removeNamespaces(places, surroundings)
}

const surroundingsOf = ({ surroundings, carrier }: RootlessSettings): Surroundings => ({
  ...surroundings,
  dns: carrierDns(carrier),
})

async function attach(
  settings: RootlessSettings,
  request: AttachRequest,
  call?: Call,
): Promise<Readonly<Record<string, NetworkStatus>>> {
  const { carrier } = settings
  try {
    await keepNamespace(settings)
    const ports = await claimPorts(settings, request)
    const networks = await plugged(settings).attach({ ...request, ports: inNamespace(ports) }, call)
    await publishAll(settings).catch(async (error: unknown) => {
      await plugged(settings)
        .detach({ ...request, ports: inNamespace(ports) })
        .catch(() => {})
      throw error
    })
    const dns = [carrierDns(carrier)]
    return Object.fromEntries(Object.entries(networks).map(([name, status]) => [name, { ...status, forwarders: dns }]))
  } catch (error) {
    await withdraw(settings, request).catch(() => {})
    throw error
  }
}

/** The container's ports, which it may have already by another network. @throws LibpodError NETWORK_FAILED for ports in use */
async function claimPorts(
  settings: RootlessSettings,
  { containerId, ports }: AttachRequest,
): Promise<readonly Published[]> {
  const published = await livePublished(settings)
  const own = published.get(containerId)
  if (own) return own
  // In words that everybody knows, before the carrier says that something failed.
  await using _free = await reservePorts(ports)
  const claimed = publish(ports, [...published.values()].flat())
  savePublished(settings.places, containerId, claimed)
  return claimed
}

async function detach(settings: RootlessSettings, request: AttachRequest, call?: Call): Promise<void> {
  const { places } = settings
  const ports = readPublished(places).get(request.containerId)
  const how = { ...request, ...(ports ? { ports: inNamespace(ports) } : {}) }
  const failure = isPinned(places.netns)
    ? await unplug(settings, how, call).then(() => undefined, toFailure)
    : undefined
  await withdraw(settings, request)
  // What plugins could not undo has gone with the namespace when it has.
  if (failure && isPinned(places.netns)) throw failure.error
}

async function unplug(settings: RootlessSettings, request: AttachRequest, call?: Call): Promise<void> {
  await keepNamespaces(settings.places, surroundingsOf(settings))
  await plugged(settings).detach(request, call)
}

const toFailure = (error: unknown): { readonly error: unknown } => ({ error })

/** Takes back the ports of a container that is on no network any more, or the whole namespace when no other is. */
async function withdraw(settings: RootlessSettings, { containerId, networks }: AttachRequest): Promise<void> {
  const { places } = settings
  const left = new Set(networks.map(({ name, interfaceName }) => `${name} ${interfaceName}`))
  const rest = (await attached(settings)).filter(
    each => each.containerId !== containerId || !left.has(`${each.network} ${each.interfaceName}`),
  )
  if (rest.length === 0) return takeDown(settings)
  if (rest.some(each => each.containerId === containerId)) return
  forgetPublished(places, containerId)
  if (await isListening(places.apiSocket)) await publishAll(settings)
}

/** Publishes the ports of those who are attached, and no others. */
async function publishAll(settings: RootlessSettings): Promise<void> {
  await setForwards(settings.places, [...(await livePublished(settings)).values()].flat())
}

/** Ports of those who are attached, by container. */
async function livePublished(settings: RootlessSettings): Promise<ReadonlyMap<string, readonly Published[]>> {
  const live = new Set((await attached(settings)).map(each => each.containerId))
  return new Map([...readPublished(settings.places)].filter(([id]) => live.has(id)))
}

interface Attached {
  readonly containerId: string
  readonly network: string
  readonly interfaceName: string
}

/** Those whose own namespaces are still there: of the others an engine that was killed took no leave. */
async function attached({ places }: RootlessSettings): Promise<readonly Attached[]> {
  const entries = await cachedAttachments(places.cni)
  return entries.flatMap(({ networkName, attachment: { containerId, ifName, netns } }) =>
    netns !== undefined && isPinned(netns) ? [{ containerId, network: networkName, interfaceName: ifName }] : [],
  )
}
