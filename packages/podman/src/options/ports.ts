import { isIPv4, isIPv6 } from 'node:net'
import type { PortMapping } from '@libpod/libpod'
import { UsageError } from '../cli/usage-error.ts'

interface Range {
  readonly first: number
  readonly count: number
}

/** `[[ip:][hostPort]:]containerPort[/protocol]`, each port a number or `first-last`. Throws UsageError. */
export function parsePublish(text: string): PortMapping {
  const [ports = '', protocol = 'tcp', ...more] = text.split('/')
  if (more.length > 0) throw new UsageError('invalid port format - protocol can only be specified once')
  const { ip, host, container } = splitAddress(ports)
  if (container === '') throw new UsageError(`must provide a non-empty container port to publish`)
  const inside = parseRange(container, 'container')
  const outside = host === undefined || host === '' ? undefined : parseRange(host, 'host')
  if (outside && outside.count !== inside.count) throw mismatch(outside, inside)
  return {
    ...(ip === undefined || ip === '' ? {} : { hostIp: checkAddress(ip) }),
    ...(outside ? { hostPort: outside.first } : {}),
    containerPort: inside.first,
    ...(inside.count > 1 ? { range: inside.count } : {}),
    protocol: checkProtocol(protocol),
  }
}

const mismatch = (host: Range, container: Range) =>
  new UsageError(`host and container port ranges have different lengths: ${host.count} vs ${container.count}`)

/** `80`, `80-90`, `80/udp` of `--expose` as single `port/protocol` texts. */
export function parseExpose(text: string): string[] {
  const [ports = '', protocol = 'tcp', ...more] = text.split('/')
  if (more.length > 0)
    throw new UsageError(`invalid --expose ${JSON.stringify(text)}: the protocol can only be specified once`)
  const { first, count } = parseRange(ports, 'container')
  return Array.from({ length: count }, (_, i) => `${first + i}/${checkProtocol(protocol)}`)
}

function splitAddress(text: string): { ip?: string; host?: string; container: string } {
  const bracketed = /^\[([^\]]*)\]:([^:]*):([^:]*)$/.exec(text)
  if (bracketed) return { ip: bracketed[1] ?? '', host: bracketed[2] ?? '', container: bracketed[3] ?? '' }
  const parts = text.split(':')
  const container = parts.pop() ?? ''
  const host = parts.pop()
  const ip = parts.pop()
  if (parts.length > 0) throw new UsageError('invalid port format - format is [[hostIP:]hostPort:]containerPort')
  return { ...(ip === undefined ? {} : { ip }), ...(host === undefined ? {} : { host }), container }
}

function parseRange(text: string, side: 'host' | 'container'): Range {
  const [low = '', high = low, ...more] = text.split('-')
  if (more.length > 0) throw new UsageError(`cannot parse ${side} port range ${JSON.stringify(text)}: use FIRST-LAST`)
  const [first, last] = [parsePort(low, side), parsePort(high, side)]
  if (last < first)
    throw new UsageError(
      `the end port of a range must be higher than the start port - ${last} is not higher than ${first}`,
    )
  return { first, count: last - first + 1 }
}

function parsePort(text: string, side: 'host' | 'container'): number {
  if (!/^\d+$/.test(text))
    throw new UsageError(
      `parsing ${side} port: invalid port number: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    )
  const port = Number(text)
  if (port < 1 || port > 65535)
    throw new UsageError(`parsing ${side} port: port numbers must be between 1 and 65535 (inclusive), got ${port}`)
  return port
}

function checkAddress(text: string): string {
  if (!isIPv4(text) && !isIPv6(text)) throw new UsageError(`invalid IP address ${JSON.stringify(text)} in port mapping`)
  return text
}

function checkProtocol(text: string): PortMapping['protocol'] {
  if (text === 'tcp' || text === 'udp' || text === 'sctp') return text
  throw new UsageError(`unrecognized protocol ${JSON.stringify(text)} in port mapping`)
}
