import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { close, memoryFile } from '@libpod/syscall'
import { reservePorts } from '../../ports.ts'
import { findProgram } from '../find.ts'
import type { NetworkProgram, ProgramRequest, StartedProgram } from '../program.ts'
import { addForwards, forwardsOf } from './forward.ts'
import { launchSlirp } from './launch.ts'
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
  using files = new DisposableStack()
  const log = files.adopt(memoryFile(), close)
  const child = await launchSlirp({
    program,
    args: slirpArguments(options, { netns: request.netns, apiSocket, end: 'with lifeline' }),
    log,
    lifeline: request.lifeline,
  })
  try {
    await addForwards(apiSocket, request.ports.flatMap(forwardsOf))
  } catch (error) {
    child.kill('SIGKILL')
    throw error
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
