import type { ContainerSummary, PortMapping } from '@libpod/libpod'

interface Span {
  readonly hostIp: string
  readonly hostPort: number
  readonly containerPort: number
  readonly count: number
  readonly protocol: string
}

/** `0.0.0.0:8080->80/tcp, 6379/tcp`: published ports, neighbours joined, then exposed ones that are not published. */
export function portsText({ ports, exposedPorts }: Pick<ContainerSummary, 'ports' | 'exposedPorts'>): string {
  const published = new Set(ports.flatMap(insidePorts))
  const open = exposedPorts.filter(port => !published.has(port))
  return [...join(ports.map(spanOf)).map(spanText), ...open].join(', ')
}

const insidePorts = ({ containerPort, range = 1, protocol }: PortMapping) =>
  Array.from({ length: range }, (_, i) => `${containerPort + i}/${protocol}`)

const spanOf = ({ hostIp, hostPort = 0, containerPort, range = 1, protocol }: PortMapping): Span => ({
  hostIp: hostIp === undefined || hostIp === '' ? '0.0.0.0' : hostIp,
  hostPort,
  containerPort,
  count: range,
  protocol,
})

function join(spans: readonly Span[]): Span[] {
  const sorted = [...spans].sort((a, b) => order(a, b))
  const joined: Span[] = []
  for (const span of sorted) {
    const last = joined.at(-1)
    if (last && follows(last, span)) joined[joined.length - 1] = { ...last, count: last.count + span.count }
    else joined.push(span)
  }
  return joined
}

const order = (a: Span, b: Span) =>
  a.protocol.localeCompare(b.protocol) || a.hostIp.localeCompare(b.hostIp) || a.hostPort - b.hostPort

const follows = (a: Span, b: Span) =>
  a.protocol === b.protocol &&
  a.hostIp === b.hostIp &&
  a.hostPort + a.count === b.hostPort &&
  a.containerPort + a.count === b.containerPort

function spanText({ hostIp, hostPort, containerPort, count, protocol }: Span): string {
  const ip = hostIp.includes(':') ? `[${hostIp}]` : hostIp
  const range = (first: number) => (count > 1 ? `${first}-${first + count - 1}` : String(first))
  return `${ip}:${range(hostPort)}->${range(containerPort)}/${protocol}`
}
