import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Agent, Dispatcher } from 'undici'
import { ImageError } from '../../errors.ts'
import { trustedAuthorities } from '../docker/tls-files.ts'
import type { AccessOptions } from '../transport.ts'
import { type DaemonAddress, daemonAddress } from './address.ts'

/** Connects to the daemon that `daemonHost`, else `DOCKER_HOST`, else the default socket names. @throws ImageError DAEMON_UNREACHABLE, CREDENTIALS_INVALID */
export async function connectDaemon(access: AccessOptions): Promise<{ dispatcher: Dispatcher; origin: string }> {
  const { Agent } = await import('undici')
  const address = daemonAddress(access)
  return {
    dispatcher: new Agent({
      connect: await connection(address, access),
      ...{ allowH2: false, bodyTimeout: 0, headersTimeout: 0 },
    }),
    origin: address.kind === 'socket' ? 'http://localhost' : address.origin,
  }
}

type Connection = Exclude<Agent.Options['connect'], undefined | ((...args: never[]) => unknown)>

async function connection(address: DaemonAddress, access: AccessOptions): Promise<Connection> {
  if (address.kind === 'socket') return { socketPath: address.path }
  if (address.kind === 'plain') return {}
  const { createSecureContext } = await import('node:tls')
  const rejectUnauthorized = access.tlsVerify !== 'no'
  const { ca, pair } = await filesOf(address.directory)
  const authorities = rejectUnauthorized ? { ca: [...(await trustedAuthorities(access)), ...ca] } : {}
  return { rejectUnauthorized, secureContext: createSecureContext({ ...authorities, ...pair }) }
}

interface Files {
  readonly ca: readonly Buffer[]
  readonly pair?: { readonly cert: Buffer; readonly key: Buffer }
}

/** What Docker's tools call them: an authority beside the system's, and a certificate of our own with its key, or neither. */
async function filesOf(directory: string | undefined): Promise<Files> {
  if (directory === undefined) return { ca: [] }
  const read = async (name: string): Promise<Buffer | undefined> =>
    readFile(join(directory, name)).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined
      throw new ImageError('CREDENTIALS_INVALID', `reading ${join(directory, name)}: ${cause.message}`, { cause })
    })
  const [ca, cert, key] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map(read))
  if ((cert === undefined) !== (key === undefined))
    throw new ImageError('CREDENTIALS_INVALID', `${directory} has only one of cert.pem and key.pem`, {
      subject: directory,
    })
  if (ca === undefined && cert === undefined)
    throw new ImageError('CREDENTIALS_INVALID', `${directory} has neither ca.pem nor cert.pem and key.pem`, {
      subject: directory,
    })
  return { ca: ca ? [ca] : [], ...(cert && key && { pair: { cert, key } }) }
}

export const unreachable = (cause: unknown): ImageError =>
  new ImageError(
    'DAEMON_UNREACHABLE',
    `Cannot connect to the Docker daemon: ${(cause as Error).message || (cause as { code?: string }).code}`,
    { cause },
  )
