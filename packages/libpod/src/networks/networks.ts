import type { Call } from '../spec/call.ts'
import type { NetworkAttachment } from '../spec/network.ts'
import type { NetworkStatus } from './backend.ts'

export interface NetworkRecord {
  readonly name: string
  readonly id: string
  readonly driver: string
  readonly interface: string
  readonly created: string
  readonly subnets: readonly {
    readonly subnet: string
    readonly gateway?: string
    readonly leaseRange?: { readonly start: string; readonly end: string }
  }[]
  readonly routes: readonly { readonly destination: string; readonly gateway: string; readonly metric?: number }[]
  readonly ipv6: 'yes' | 'no'
  readonly internal: 'yes' | 'no'
  readonly dns: 'yes' | 'no'
  readonly labels: Readonly<Record<string, string>>
  readonly options: Readonly<Record<string, string>>
  readonly ipam: Readonly<Record<string, string>>
}

/** A network and who is plugged into it now. */
export interface InspectedNetwork extends NetworkRecord {
  /** By id. */
  readonly containers: Readonly<Record<string, { readonly name: string } & Pick<NetworkStatus, 'interfaces'>>>
}

export interface NetworkCreateSpec {
  readonly name?: string
  readonly driver?: string
  readonly interface?: string
  readonly subnets?: readonly { readonly subnet: string; readonly gateway?: string; readonly range?: string }[]
  readonly routes?: readonly { readonly destination: string; readonly gateway: string; readonly metric?: number }[]
  readonly ipv6?: 'yes' | 'no'
  readonly internal?: 'yes' | 'no'
  readonly dns?: 'yes' | 'no'
  readonly dnsServers?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly options?: Readonly<Record<string, string>>
  readonly ipamDriver?: string
  readonly onNameConflict?: 'refuse' | 'ignore'
}

/** Addresses of name servers that a network gets or loses. */
export interface NetworkChange {
  readonly addDnsServers?: readonly string[]
  readonly removeDnsServers?: readonly string[]
}

export interface Networks {
  create(spec: NetworkCreateSpec, call?: Call): Promise<NetworkRecord>
  list(filters?: Readonly<Record<string, readonly string[]>>, call?: Call): Promise<readonly NetworkRecord[]>
  inspect(name: string, call?: Call): Promise<InspectedNetwork>
  exists(name: string, call?: Call): Promise<boolean>
  /** Rejects with UNSUPPORTED: what is configured for CNI has no name servers of its own. */
  update(name: string, change: NetworkChange, call?: Call): Promise<void>
  remove(
    name: string,
    options?: { readonly users?: 'refuse' | 'remove'; readonly timeout?: number } & Call,
  ): Promise<void>
  prune(filters?: Readonly<Record<string, readonly string[]>>, call?: Call): Promise<readonly string[]>
  connect(network: string, container: string, attachment: Omit<NetworkAttachment, 'name'>, call?: Call): Promise<void>
  disconnect(network: string, container: string, how: 'graceful' | 'force', call?: Call): Promise<void>
  reload(container: string, call?: Call): Promise<void>
  /** The network namespace of a plain user's bridges; root has none. */
  openNamespace(): Promise<OpenNamespace>
}

/** Kept, and connected to the world, until it is disposed of, unless a container's end takes the last one along. */
export interface OpenNamespace extends AsyncDisposable {
  /** Words before a program that is to run in it. */
  readonly words: readonly string[]
}
