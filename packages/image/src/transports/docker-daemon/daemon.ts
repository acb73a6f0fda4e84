import type { Dispatcher } from 'undici'
import { ImageError } from '../../errors.ts'
import type { AccessOptions } from '../transport.ts'

const defaultHost = 'unix:///var/run/docker.sock'

/** Connects to the daemon that `daemonHost`, else `DOCKER_HOST`, else the default socket names. */
export async function connectDaemon({
  daemonHost,
  env = process.env,
}: AccessOptions): Promise<{ dispatcher: Dispatcher; origin: string }> {
  const { Agent } = await import('undici')
  const host = daemonHost ?? env.DOCKER_HOST ?? defaultHost
  if (host.startsWith('unix://')) {
    return {
      dispatcher: new Agent({
        connect: { socketPath: host.slice('unix://'.length) },
        bodyTimeout: 0,
        headersTimeout: 0,
      }),
      origin: 'http://localhost',
    }
  }
  if (/^(?:tcp|http):\/\//.test(host))
    return { dispatcher: new Agent(), origin: host.replace(/^tcp:/, 'http:').replace(/\/$/, '') }
  throw new ImageError('DAEMON_UNREACHABLE', `unsupported Docker daemon address ${JSON.stringify(host)}`)
}

export const unreachable = (cause: unknown): ImageError =>
  new ImageError(
    'DAEMON_UNREACHABLE',
    `Cannot connect to the Docker daemon: ${(cause as Error).message || (cause as { code?: string }).code}`,
    { cause },
  )
