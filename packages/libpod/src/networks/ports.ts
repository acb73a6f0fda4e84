import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { LibpodError } from '../errors.ts'
import type { PortMapping } from '../spec/network.ts'

/** Host ports held open so that nobody else takes them: hand `fds` to the monitor, which keeps them while the container runs. */
export interface PortReservation extends AsyncDisposable {
  readonly fds: readonly number[]
}

type Held = { readonly fd: number; readonly port: number; close(): Promise<void> }

/** Picks free host ports for mappings that name none (`hostPort` 0 or absent). @throws LibpodError NETWORK_FAILED */
export async function assignPorts(ports: readonly PortMapping[]): Promise<readonly PortMapping[]> {
  const taken = new Set(ports.flatMap(({ hostPort }) => (hostPort ? [hostPort] : [])))
  const assigned: PortMapping[] = []
  for (const port of ports) {
    const hostPort = port.hostPort || (await freePort(port, taken))
    for (let offset = 0; offset < (port.range ?? 1); offset++) taken.add(hostPort + offset)
    assigned.push({ ...port, hostPort })
  }
  return assigned
}

async function freePort(mapping: PortMapping, taken: ReadonlySet<number>): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const held = await hold(mapping, 0)
    await held.close()
    if (!taken.has(held.port) && (await isRunFree(mapping, held.port, taken))) return held.port
  }
  throw new LibpodError('NETWORK_FAILED', `failed to find ${mapping.range ?? 1} free consecutive ports`)
}

async function isRunFree(mapping: PortMapping, first: number, taken: ReadonlySet<number>): Promise<boolean> {
  for (let port = first + 1; port < first + (mapping.range ?? 1); port++) {
    if (port > 65535 || taken.has(port)) return false
    const held = await hold(mapping, port).catch(() => undefined)
    if (!held) return false
    await held.close()
  }
  return true
}

/**
 * Binds every host port. @throws LibpodError NETWORK_FAILED, worded as Podman does, when one is in use or not allowed
 */
export async function reservePorts(ports: readonly PortMapping[]): Promise<PortReservation> {
  const held: Held[] = []
  const release = async (): Promise<void> => void (await Promise.all(held.map(each => each.close())))
  try {
    for (const mapping of ports) {
      // Node has no SCTP sockets: such a port is left to the packet filter alone.
      if (mapping.protocol === 'sctp') continue
      for (let offset = 0; offset < (mapping.range ?? 1); offset++) {
        held.push(await hold(mapping, (mapping.hostPort ?? 0) + offset))
      }
    }
  } catch (error) {
    await release()
    throw error
  }
  return { fds: held.map(({ fd }) => fd), [Symbol.asyncDispose]: release }
}

const hold = (mapping: PortMapping, port: number): Promise<Held> =>
  mapping.protocol === 'udp' ? holdUdp(mapping, port) : holdTcp(mapping, port)

async function holdTcp(mapping: PortMapping, port: number): Promise<Held> {
  const server = createServer({ pauseOnConnect: true })
  const listening = once(server, 'listening')
  server.listen({ port, host: mapping.hostIp || '0.0.0.0', exclusive: true })
  await listening.catch(cause => {
    throw inUse('tcp', mapping, { port, cause })
  })
  return { fd: descriptorOf(server), port: addressPort(server), close: () => ended(server, () => server.close()) }
}

async function holdUdp(mapping: PortMapping, port: number): Promise<Held> {
  const socket = createSocket({ type: mapping.hostIp?.includes(':') ? 'udp6' : 'udp4' })
  const listening = once(socket, 'listening')
  socket.bind({ port, address: mapping.hostIp || '0.0.0.0', exclusive: true })
  await listening.catch(cause => {
    throw inUse('udp', mapping, { port, cause })
  })
  return { fd: descriptorOf(socket), port: socket.address().port, close: () => ended(socket, () => socket.close()) }
}

async function ended(emitter: Server | Socket, close: () => void): Promise<void> {
  const closed = once(emitter, 'close')
  close()
  await closed
}

const addressPort = (server: Server): number => {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** The descriptor of an open socket, which a child may be given: only Node's own handle object knows it. */
function descriptorOf(socket: Server | Socket): number {
  const state = Object.getOwnPropertySymbols(socket).find(symbol => symbol.description === 'state symbol')
  const holder: unknown = state === undefined ? socket : Reflect.get(socket, state)
  const handle = member(holder, state === undefined ? '_handle' : 'handle')
  const fd = member(handle, 'fd')
  if (typeof fd === 'number') return fd
  throw new LibpodError('UNSUPPORTED', 'this version of Node does not tell the descriptor of a socket')
}

const member = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined

function inUse(
  protocol: 'tcp' | 'udp',
  { hostIp }: PortMapping,
  { port, cause }: { readonly port: number; readonly cause: unknown },
): LibpodError {
  const code = (cause as NodeJS.ErrnoException).code
  const why =
    code === 'EADDRINUSE'
      ? 'address already in use'
      : code === 'EADDRNOTAVAIL'
        ? 'cannot assign requested address'
        : code === 'EACCES'
          ? 'permission denied'
          : String(code)
  const family = hostIp?.includes(':') ? `${protocol}6` : `${protocol}4`
  const address = hostIp?.includes(':') ? `[${hostIp}]:${port}` : `${hostIp ?? ''}:${port}`
  return new LibpodError(
    'NETWORK_FAILED',
    `cannot listen on the ${protocol.toUpperCase()} port: listen ${family} ${address}: bind: ${why}`,
    { subject: String(port), cause },
  )
}
