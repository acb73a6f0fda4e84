import { attach, CniError, detach, type NetworkOptions, type Result } from '@libpod/cni'
import { LibpodError } from '../../../errors.ts'
import { withFileLock } from '../../../locks/file-lock.ts'
import type { Call } from '../../../spec/call.ts'
import type { AttachRequest, NetworkBackend, NetworkStatus } from '../../backend.ts'
import { findNetwork, type KnownNetwork, loadNetworks } from '../../load.ts'
import type { NetworkSettings } from '../../settings.ts'
import { attachmentFor } from './arguments.ts'
import { forgetNetwork } from './forget.ts'
import { runnerBehind } from './runner.ts'

type Attached = AttachRequest['networks'][number]

export interface CniSettings extends NetworkSettings {
  /** Absent: `/var/lib/cni`, which Podman uses. */
  readonly cacheDir?: string
  /** Words before a plugin, for it to run elsewhere: the path of a program, which becomes the plugin, and its arguments. */
  readonly launcher?: readonly string[]
}

/** Networks through CNI plugins, configured by the conflists of one directory. */
export function cniBackend(settings: CniSettings): NetworkBackend {
  const runner = runnerBehind(settings.launcher ?? [])
  const options = (call: Call = {}): NetworkOptions => ({
    pluginDirs: settings.pluginDirs,
    runner,
    ...(settings.cacheDir !== undefined && { cacheDir: settings.cacheDir }),
    ...(call.signal && { signal: call.signal }),
  })
  return {
    name: 'cni',
    attach: async (request, call) => {
      const networks = await loadNetworks(settings)
      const known = request.networks.map(network => ({ network, known: findNetwork(networks, network.name) }))
      return attachAll(request, known, { run: options(call), undo: options(), alone: aloneWith(settings) })
    },
    detach: async (request, call) => {
      const networks = await loadNetworks(settings)
      await detachAll(request, request.networks, { networks, undo: options(call), alone: aloneWith(settings) })
    },
    forget: async ({ name }) => {
      const known = (await loadNetworks(settings)).get(name)
      if (known) await forgetNetwork(known, settings)
    },
  }
}

interface Options {
  readonly run: NetworkOptions
  /** For taking back: not to be aborted. */
  readonly undo: NetworkOptions
  readonly alone: Alone
}

/** Runs work on a network while nobody else does, where that matters. */
type Alone = <T>(network: KnownNetwork, work: () => Promise<T>) => Promise<T>

/**
 * The dnsname plugin starts one dnsmasq for a network and trips over itself when two containers come at once: then Podman's own
 * lock is held. All other plugins look after themselves.
 */
function aloneWith({ lockPath }: NetworkSettings): Alone {
  return (network, work) =>
    network.list.plugins.some(({ type }) => type === 'dnsname') ? withFileLock(lockPath, work) : work()
}

interface Both {
  readonly network: Attached
  readonly known: KnownNetwork
}

async function attachAll(
  request: AttachRequest,
  networks: readonly Both[],
  options: Options,
): Promise<Readonly<Record<string, NetworkStatus>>> {
  const status: [string, NetworkStatus][] = []
  for (const [index, { network, known }] of networks.entries()) {
    try {
      const result = await options.alone(known, () => attach(known.list, attachmentFor(request, network), options.run))
      status.push([network.name, statusOf(result, request.netns ?? '')])
    } catch (cause) {
      const begun = networks.slice(0, index + 1)
      const byName = new Map(begun.map(each => [each.network.name, each.known]))
      await detachAll(
        request,
        begun.map(each => each.network),
        { networks: byName, undo: options.undo, alone: options.alone },
      ).catch(() => undefined)
      throw failure(network.name, cause)
    }
  }
  return Object.fromEntries(status)
}

function failure(network: string, cause: unknown): unknown {
  if (!(cause instanceof CniError)) return cause
  return new LibpodError('NETWORK_FAILED', cause.message, { subject: network, cause })
}

/** The interfaces inside the namespace, with their addresses. */
export function statusOf(result: Result, netns: string): NetworkStatus {
  const interfaces = result.interfaces.flatMap(({ name, mac, sandbox }, index) => {
    if (sandbox === undefined || sandbox !== netns) return []
    const own = result.ips.filter(ip => ip.interface === undefined || ip.interface === index)
    const subnets = own.map(({ address, gateway }) => ({ ipnet: address, ...(gateway !== undefined && { gateway }) }))
    return [[name, { mac: mac ?? '', subnets }] as const]
  })
  return {
    interfaces: Object.fromEntries(interfaces),
    dnsServers: result.dns.nameservers ?? [],
    dnsSearch: result.dns.search ?? [],
  }
}

interface Undo {
  readonly networks: ReadonlyMap<string, KnownNetwork>
  readonly undo: NetworkOptions
  readonly alone: Alone
}

/** In reverse. A network whose file is gone left nothing that could be undone. */
async function detachAll(
  request: AttachRequest,
  attached: readonly Attached[],
  { networks, undo, alone }: Undo,
): Promise<void> {
  const failures: unknown[] = []
  for (const network of attached.toReversed()) {
    const known = networks.get(network.name)
    if (!known) continue
    await alone(known, () => detach(known.list, attachmentFor(request, network), undo)).catch((error: unknown) =>
      failures.push(error),
    )
  }
  const [first] = failures
  if (first !== undefined)
    throw failure(request.containerName, failures.length === 1 ? first : new AggregateError(failures))
}
