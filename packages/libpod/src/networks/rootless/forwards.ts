import type { PortMapping } from '../../spec/network.ts'
import { type Forward, forwardsOf } from '../programs/slirp4netns/forward.ts'

/** A published port of a container: from the host into the namespace, and from there on. */
export interface Published extends Forward {
  readonly containerPort: number
}

/**
 * Which port of the namespace leads to the container: the host's own number, or a free one where another container has it already,
 * for another of the host's addresses. Pure. @throws LibpodError NETWORK_FAILED for protocols that cannot be published
 */
export function publish(ports: readonly PortMapping[], others: readonly Forward[]): readonly Published[] {
  const taken = new Set(others.map(keyOfGuest))
  return ports.flatMap(forwardsOf).map(({ guestPort: containerPort, ...forward }) => {
    const guestPort = freePort(forward, taken)
    taken.add(keyOfGuest({ ...forward, guestPort }))
    return { ...forward, containerPort, guestPort }
  })
}

const keyOfGuest = ({ protocol, guestPort }: Pick<Forward, 'protocol' | 'guestPort'>): string =>
  `${protocol} ${guestPort}`

const highest = 65535

function freePort({ protocol, hostPort }: Omit<Forward, 'guestPort'>, taken: ReadonlySet<string>): number {
  const isFree = (guestPort: number): boolean => !taken.has(keyOfGuest({ protocol, guestPort }))
  if (isFree(hostPort)) return hostPort
  for (let port = highest; port > 0; port--) if (isFree(port)) return port
  return hostPort
}

/** What the plugins are told: in the namespace the port has no address of the host's. */
export const inNamespace = (ports: readonly Published[]): readonly PortMapping[] =>
  ports.map(({ protocol, guestPort, containerPort }) => ({ protocol, hostPort: guestPort, containerPort }))

const keyOf = ({ protocol, hostIp, hostPort, guestPort }: Forward): string =>
  [protocol, hostIp, hostPort, guestPort].join(' ')

export function surplusForwards<Held extends Forward>(
  held: readonly Held[],
  wanted: readonly Forward[],
): readonly Held[] {
  const keys = new Set(wanted.map(keyOf))
  return held.filter(forward => !keys.has(keyOf(forward)))
}

export function missingForwards(held: readonly Forward[], wanted: readonly Forward[]): readonly Forward[] {
  const keys = new Set(held.map(keyOf))
  return wanted.filter(forward => !keys.has(keyOf(forward)))
}
