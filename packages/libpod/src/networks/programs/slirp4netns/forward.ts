import { createConnection } from 'node:net'
import { text } from 'node:stream/consumers'
import { LibpodError } from '../../../errors.ts'
import type { PortMapping } from '../../../spec/network.ts'

/** Publishes ports through the socket that slirp4netns listens on, one after the other. @throws LibpodError NETWORK_FAILED */
export async function forwardPorts(apiSocket: string, ports: readonly PortMapping[]): Promise<void> {
  for (const port of ports)
    for (let offset = 0; offset < (port.range ?? 1); offset++) await forward(apiSocket, port, offset)
}

async function forward(
  apiSocket: string,
  { protocol, hostIp, hostPort = 0, containerPort }: PortMapping,
  offset: number,
): Promise<void> {
  if (protocol === 'sctp')
    throw new LibpodError('NETWORK_FAILED', 'port protocol "sctp" is not supported by slirp4netns', { subject: 'sctp' })
  const order = {
    execute: 'add_hostfwd',
    arguments: {
      proto: protocol,
      host_addr: hostIp || '0.0.0.0',
      host_port: hostPort + offset,
      guest_port: containerPort + offset,
    },
  }
  const answer = await ask(apiSocket, JSON.stringify(order))
  if (!answer.includes('"error"')) return
  throw new LibpodError(
    'NETWORK_FAILED',
    `slirp4netns cannot publish port ${hostPort + offset}/${protocol}: ${answer.trim()}`,
    { subject: String(hostPort + offset) },
  )
}

/** One order and its answer a connection; the end of the order is that of our half of it. */
async function ask(path: string, order: string): Promise<string> {
  const socket = createConnection({ path, allowHalfOpen: true })
  socket.end(order)
  return text(socket)
}
