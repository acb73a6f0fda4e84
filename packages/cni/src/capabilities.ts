/** `portMappings`: one entry for each port. */
export interface PortMapping {
  readonly hostPort: number
  readonly containerPort: number
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly hostIP?: string
}

/** `bandwidth`: bits a second, and bits. */
export interface Bandwidth {
  readonly ingressRate?: number
  readonly ingressBurst?: number
  readonly egressRate?: number
  readonly egressBurst?: number
}

/** One range of `ipRanges`. */
export interface IpRange {
  readonly subnet: string
  readonly rangeStart?: string
  readonly rangeEnd?: string
  readonly gateway?: string
}

/** The capability args that the conventions define (cni/CONVENTIONS.md); plugins may take others. */
export interface CapabilityArgs {
  readonly portMappings?: readonly PortMapping[]
  readonly bandwidth?: Bandwidth
  /** With or without prefix length. */
  readonly ips?: readonly string[]
  readonly mac?: string
  readonly ipRanges?: readonly (readonly IpRange[])[]
  readonly dns?: {
    readonly servers?: readonly string[]
    readonly searches?: readonly string[]
    readonly options?: readonly string[]
  }
  /** Names by network, for dnsname. */
  readonly aliases?: Readonly<Record<string, readonly string[]>>
  readonly infinibandGUID?: string
  readonly deviceID?: string
  readonly cgroupPath?: string
  readonly [other: string]: unknown
}
