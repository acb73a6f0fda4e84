/** What a network gave a container, in the shape of CNI 1.1 whatever the plugins spoke (specification, "Success"). */
export interface Result {
  /** The version of the network's configuration. */
  readonly cniVersion: string
  readonly interfaces: readonly Interface[]
  readonly ips: readonly IpConfig[]
  readonly routes: readonly Route[]
  readonly dns: Dns
}

export interface Interface {
  readonly name: string
  readonly mac?: string
  readonly mtu?: number
  /** Path of the network namespace; absent on the host. */
  readonly sandbox?: string
  readonly socketPath?: string
  readonly pciID?: string
}

export interface IpConfig {
  /** Index in `interfaces`. */
  readonly interface?: number
  /** With prefix length, such as `10.88.0.5/16`. */
  readonly address: string
  readonly gateway?: string
}

export interface Route {
  readonly dst: string
  readonly gw?: string
  readonly mtu?: number
  readonly advmss?: number
  readonly priority?: number
  readonly table?: number
  readonly scope?: number
}

export interface Dns {
  readonly nameservers?: readonly string[]
  readonly domain?: string
  readonly search?: readonly string[]
  readonly options?: readonly string[]
}
