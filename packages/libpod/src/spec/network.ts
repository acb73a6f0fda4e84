/** Where the container's network namespace comes from and what is plugged into it. */
export interface NetworkSpec {
  readonly mode?: NetworkMode
  readonly ports?: readonly PortMapping[]
  /** Publish every exposed port on a random host port. */
  readonly publishAll?: 'yes' | 'no'
  /** `80/tcp`. */
  readonly expose?: readonly string[]
  readonly dns?: {
    readonly servers?: readonly string[]
    readonly search?: readonly string[]
    readonly options?: readonly string[]
  }
  /** `host:ip` (ip may be `host-gateway`). */
  readonly hosts?: readonly string[]
  readonly hostsFile?: 'manage' | 'leave'
  readonly baseHostsFile?: string
  readonly resolvConf?: 'manage' | 'leave'
  readonly hostnameFile?: 'manage' | 'leave'
}

export type NetworkMode =
  | { readonly kind: 'bridge'; readonly networks: readonly NetworkAttachment[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'host' }
  | { readonly kind: 'private' }
  | { readonly kind: 'container'; readonly container: string }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'slirp4netns'; readonly options: readonly string[] }
  | { readonly kind: 'pasta'; readonly options: readonly string[] }

export interface NetworkAttachment {
  /** `''` stands for the default network. */
  readonly name: string
  readonly aliases?: readonly string[]
  readonly staticIps?: readonly string[]
  readonly staticMac?: string
  readonly interfaceName?: string
  readonly options?: Readonly<Record<string, string>>
}

export interface PortMapping {
  readonly hostIp?: string
  /** 0 or absent: a free port, chosen once at creation. */
  readonly hostPort?: number
  readonly containerPort: number
  /** Number of consecutive ports; 1 when absent. */
  readonly range?: number
  readonly protocol: 'tcp' | 'udp' | 'sctp'
}
