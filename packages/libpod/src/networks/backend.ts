import type { Call } from '../spec/call.ts'
import type { NetworkAttachment, PortMapping } from '../spec/network.ts'
import type { NetworkRecord } from './networks.ts'

/** What one network gave a container. */
export interface NetworkStatus {
  readonly interfaces: Readonly<
    Record<
      string,
      { readonly mac: string; readonly subnets: readonly { readonly ipnet: string; readonly gateway?: string }[] }
    >
  >
  readonly dnsServers: readonly string[]
  readonly dnsSearch: readonly string[]
  /** Servers that ask those of the host, for whoever is told of no others. */
  readonly forwarders?: readonly string[]
}

export interface AttachRequest {
  readonly containerId: string
  readonly containerName: string
  /** Path of the pinned network namespace; absent when it is gone (after a reboot) and only traces are to be removed. */
  readonly netns: string | undefined
  readonly networks: readonly Required<Pick<NetworkAttachment, 'name' | 'interfaceName'>>[] &
    readonly NetworkAttachment[]
  readonly ports: readonly PortMapping[]
}

/** Plugs a network namespace into networks. One implementation a folder under `backends/`. */
export interface NetworkBackend {
  readonly name: string
  /** All or nothing: what was attached before a failure is detached again. Keyed by network name. */
  attach(request: AttachRequest, call?: Call): Promise<Readonly<Record<string, NetworkStatus>>>
  /** Safe twice and after a crash; errors are collected, the rest goes on. */
  detach(request: AttachRequest, call?: Call): Promise<void>
  /** Removes what a network without users has left behind: its bridge, addresses that are still given out. */
  forget(network: NetworkRecord): Promise<void>
}
