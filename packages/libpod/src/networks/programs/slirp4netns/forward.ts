import { createConnection } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { LibpodError } from '../../../errors.ts'
import type { PortMapping } from '../../../spec/network.ts'

/** One port of the host that leads into the namespace. */
export interface Forward {
  readonly protocol: 'tcp' | 'udp'
  readonly hostIp: string
  readonly hostPort: number
  /** Of the namespace itself. */
  readonly guestPort: number
}

/** One entry for each port of a range. @throws LibpodError NETWORK_FAILED for a protocol that slirp4netns has not */
export function forwardsOf({
  protocol,
  hostIp,
  hostPort = 0,
  containerPort,
  range = 1,
}: PortMapping): readonly Forward[] {
  if (protocol === 'sctp')
    throw new LibpodError('NETWORK_FAILED', 'port protocol "sctp" is not supported by slirp4netns', { subject: 'sctp' })
  return Array.from({ length: range }, (_, offset) => ({
    protocol,
    hostIp: hostIp || '0.0.0.0',
    hostPort: hostPort + offset,
    guestPort: containerPort + offset,
  }))
}

/** Publishes ports through the socket that slirp4netns listens on, one after the other. @throws LibpodError NETWORK_FAILED */
export async function addForwards(apiSocket: string, forwards: readonly Forward[]): Promise<void> {
  for (const { protocol, hostIp, hostPort, guestPort } of forwards) {
    const order = { proto: protocol, host_addr: hostIp, host_port: hostPort, guest_port: guestPort }
    const answer = await ask(apiSocket, 'add_hostfwd', order)
    if (!answer.includes('"error"')) continue
    throw new LibpodError(
      'NETWORK_FAILED',
      `slirp4netns cannot publish port ${hostPort}/${protocol}: ${answer.trim()}`,
      { subject: String(hostPort) },
    )
  }
}

interface ListedForward {
  readonly id: number
  readonly proto: string
  readonly host_addr: string
  readonly host_port: number
  readonly guest_port: number
}

/** What is published now, with the numbers by which {@link removeForward} takes it back. */
export async function listForwards(apiSocket: string): Promise<readonly (Forward & { readonly id: number })[]> {
  const { entries } = JSON.parse(await ask(apiSocket, 'list_hostfwd')) as { readonly entries: readonly ListedForward[] }
  return entries.map(({ id, proto, host_addr, host_port, guest_port }) => ({
    id,
    protocol: proto === 'udp' ? 'udp' : 'tcp',
    hostIp: host_addr,
    hostPort: host_port,
    guestPort: guest_port,
  }))
}

export async function removeForward(apiSocket: string, id: number): Promise<void> {
  await ask(apiSocket, 'remove_hostfwd', { id })
}

/** Milliseconds: it hears one after the other, and whoever comes too soon is not let in. */
const pause = 5
const patience = 30_000

/** One order and its answer a connection; the end of the order is that of our half of it. */
async function ask(path: string, execute: string, args?: Readonly<Record<string, unknown>>): Promise<string> {
  for (const end = Date.now() + patience; ; await delay(pause)) {
    const socket = createConnection({ path, allowHalfOpen: true })
    socket.setTimeout(patience, () => socket.destroy(new Error(`slirp4netns does not answer at ${path}`)))
    socket.end(JSON.stringify({ execute, ...(args ? { arguments: args } : {}) }))
    try {
      return await text(socket)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || Date.now() > end) throw error
    }
  }
}
