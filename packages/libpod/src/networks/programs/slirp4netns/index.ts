import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { LibpodError } from '../../../errors.ts'
import { reservePorts } from '../../ports.ts'
import { findProgram } from '../find.ts'
import type { NetworkProgram, ProgramRequest, StartedProgram } from '../program.ts'
import { forwardPorts } from './forward.ts'
import { parseSlirpOptions, slirpAddresses, slirpArguments } from './options.ts'

export const slirp4netns: NetworkProgram = {
  check: parseSlirpOptions,
  start,
  forget: request => rmSync(apiSocketOf(request), { force: true }),
}

/** A unix socket's path is short, and slirp4netns does not say when it is not. */
const apiSocketOf = ({ sockets, containerId }: Pick<ProgramRequest, 'sockets' | 'containerId'>): string =>
  join(sockets, `${containerId.slice(0, 16)}.net`)

async function start(request: ProgramRequest): Promise<StartedProgram> {
  const options = parseSlirpOptions(request.options)
  const program = findProgram('slirp4netns', request.directories)
  // In words that everybody knows, before slirp4netns says that something failed.
  await using _free = await reservePorts(request.ports)
  await _free[Symbol.asyncDispose]()
  const apiSocket = apiSocketOf(request)
  rmSync(apiSocket, { force: true })
  // Its sandbox takes everything down that is mounted: without a mount namespace of its own, and one that tells nothing back,
  // the pins of all network namespaces would go too.
  const apart = ['--mount', '--propagation', 'slave', '--', program]
  const child = spawn('unshare', [...apart, ...slirpArguments(options, request.netns, apiSocket)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', request.lifeline],
  })
  try {
    await ready(child)
    await forwardPorts(apiSocket, request.ports)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    child.unref()
    for (const stream of child.stdio) stream?.destroy()
  }
  const { container, dns, gateway, prefix } = slirpAddresses(options)
  const subnet = {
    ipnet: `${container}/${prefix}`,
    // Only then it leads to the host.
    ...(options.hostLoopback === 'allowed' ? { gateway } : {}),
  }
  return {
    status: { interfaces: { tap0: { mac: '', subnets: [subnet] } }, dnsServers: [dns], dnsSearch: [] },
    ...(child.pid ? { pid: child.pid } : {}),
  }
}

/** The byte that it writes when the interface is up, or its last words. */
async function ready(child: ReturnType<typeof spawn>): Promise<void> {
  const words: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece: Buffer) => words.push(piece))
  const told = once(child.stdio[3] as Readable, 'data').then(() => 'ready' as const)
  told.catch(() => {}) // it ends without a word
  const left = once(child, 'exit').then(() => 'left' as const)
  if ((await Promise.race([told, left])) === 'ready') return
  throw new LibpodError('NETWORK_FAILED', `slirp4netns failed: ${Buffer.concat(words).toString().trim()}`)
}
