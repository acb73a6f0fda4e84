import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { LibpodError } from '../../../errors.ts'
import { reservePorts } from '../../ports.ts'
import { findProgram } from '../find.ts'
import type { NetworkProgram, ProgramRequest, StartedProgram } from '../program.ts'
import { pastaArguments, pastaServers } from './options.ts'

export const pasta: NetworkProgram = { check: refuseRoot, start }

/** pasta becomes somebody else when it is root, who could not enter the namespace any more. */
function refuseRoot(): void {
  const whole = /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'latin1'))
  if (whole && process.getuid?.() === 0)
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
