import { homedir } from 'node:os'
import { join } from 'node:path'
import { ImageError } from '../../errors.ts'
import type { AccessOptions } from '../transport.ts'

const defaultHost = 'unix:///var/run/docker.sock'

/** Where a Docker daemon listens. */
export type DaemonAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'plain'; readonly origin: string }
  /** `directory`: where `ca.pem`, `cert.pem` and `key.pem` lie; absent: the system's authorities, and no certificate of our own. */
  | { readonly kind: 'tls'; readonly origin: string; readonly directory?: string }

/**
 * `daemonHost` (`tcp://` is TLS, as for skopeo), else `DOCKER_HOST` (`tcp://` is TLS with `DOCKER_CERT_PATH` or
 * `DOCKER_TLS_VERIFY`, as for Docker), else the default socket. Pure. @throws ImageError DAEMON_UNREACHABLE
 */
export function daemonAddress({ daemonHost, certDir, env = process.env }: AccessOptions): DaemonAddress {
  const host = daemonHost ?? (env.DOCKER_HOST || defaultHost)
  const [, scheme = '', rest = ''] = /^(\w+):\/\/(.+?)\/?$/.exec(host) ?? []
  if (scheme === 'unix') return { kind: 'socket', path: host.slice('unix://'.length) }
  if (scheme === 'http' || (scheme === 'tcp' && !secured(daemonHost, env)))
    return { kind: 'plain', origin: `http://${rest}` }
  const directory = certDir ?? (daemonHost === undefined ? ownDirectory(env) : undefined)
  if (scheme === 'https' || scheme === 'tcp')
    return { kind: 'tls', origin: `https://${rest}`, ...(directory !== undefined && { directory }) }
  throw new ImageError('DAEMON_UNREACHABLE', `unsupported Docker daemon address ${JSON.stringify(host)}`)
}

type Environment = NonNullable<AccessOptions['env']>

const secured = (daemonHost: string | undefined, env: Environment): boolean =>
  daemonHost !== undefined || Boolean(env.DOCKER_CERT_PATH || env.DOCKER_TLS_VERIFY)

/** Where Docker's own client keeps them when it is told to use TLS. */
function ownDirectory(env: Environment): string | undefined {
  if (env.DOCKER_CERT_PATH) return env.DOCKER_CERT_PATH
  return env.DOCKER_TLS_VERIFY ? join(env.HOME ?? homedir(), '.docker') : undefined
}
