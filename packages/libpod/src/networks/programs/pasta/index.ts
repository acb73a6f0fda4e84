import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { LibpodError } from '../../../errors.ts'
import { isNested } from '../../../host/nested.ts'
import { reservePorts } from '../../ports.ts'
import { findProgram } from '../find.ts'
import type { NetworkProgram, ProgramRequest, StartedProgram } from '../program.ts'
import { pastaArguments, pastaServers } from './options.ts'

export const pasta: NetworkProgram = { check: refuseRoot, start }

/** pasta becomes somebody else when it is root, who could not enter the namespace any more. */
function refuseRoot(): void {
  if (process.getuid?.() === 0 && !isNested())
    throw new LibpodError(
      'SPEC_INVALID',
      'pasta networking is only supported for rootless mode or when inside a nested userns',
      { subject: 'pasta' },
    )
}

/** It stays behind by itself when packets pass, and goes with the namespace's pin. */
async function start({ netns, options, ports, directories }: ProgramRequest): Promise<StartedProgram> {
  for (const { protocol } of ports)
    if (protocol === 'sctp')
      throw new LibpodError('NETWORK_FAILED', "can't forward protocol: sctp", { subject: 'sctp' })
  const program = findProgram('pasta', directories)
  await using _free = await reservePorts(ports)
  await _free[Symbol.asyncDispose]()
  try {
    await promisify(execFile)(program, pastaArguments(options, ports, netns), { timeout: 60_000 })
  } catch (cause) {
    const { stderr = '', message } = cause as Error & { stderr?: string }
    throw new LibpodError('NETWORK_FAILED', `pasta failed: ${stderr.trim() || message}`, { subject: 'pasta', cause })
  }
  return { status: { interfaces: {}, dnsServers: pastaServers(options), dnsSearch: [] } }
}
