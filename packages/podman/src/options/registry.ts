import { join } from 'node:path'
import type { RegistryOptions } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { choice, type Flag, list, string, uint } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { parseDuration } from '../cli/values.ts'
import { type Caller, optionGroup } from './group.ts'

/** Said either way it counts more than what registries.conf says of the registry. */
export const tlsVerifyFlag = choice('Require HTTPS and verify certificates when contacting registries', {
  shown: 'true',
})

const creds: Flag<string | undefined> = {
  ...string('`Credentials` (USERNAME:PASSWORD) to use for authenticating to a registry'),
  finish: async (value, io) => value && (await import('../ask-credentials.ts')).askForRest(value, io),
}

/** Credentials, trust and patience of everything that talks to a registry. */
export const registry = optionGroup({
  flags: {
    authfile: string('Path of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override'),
    'cert-dir': string('`Pathname` of a directory containing TLS certificates and keys'),
    creds,
    'decryption-key': list('Key needed to decrypt the image (e.g. /path/to/key.pem)'),
    retry: uint('number of times to retry in case of failure when performing pull', { shown: '3' }),
    'retry-delay': string('delay between retries in case of pull failures'),
    'signature-policy': string('`Pathname` of signature policy file', { hidden: 'yes' }),
    'tls-verify': tlsVerifyFlag,
  },
  toSpec(values, caller): RegistryOptions {
    if (values['decryption-key'].length > 0)
      throw new UsageError('--decryption-key: encrypted images are not supported')
    const authFile = values.authfile ?? usualAuthFile(caller.env)
    if (values.authfile !== undefined) assertReadable(values.authfile, caller.readText)
    return defined({
      authFile: authFile || undefined,
      credentials: values.creds ? parseCredentials(values.creds) : undefined,
      certDir: values['cert-dir'],
      tlsVerify: tlsVerifyOf(values['tls-verify']),
      signaturePolicy: values['signature-policy'],
      retry: values.retry,
      retryDelayMs: values['retry-delay'] === undefined ? undefined : parseDelay(values['retry-delay']),
    })
  },
})

/** The values of a command that has only some of the options. */
export const unaskedOfRegistry = {
  authfile: undefined,
  'cert-dir': undefined,
  creds: undefined,
  'decryption-key': [],
  retry: undefined,
  'retry-delay': undefined,
  'signature-policy': undefined,
}

export function tlsVerifyOf(asked: boolean | undefined): RegistryOptions['tlsVerify'] | undefined {
  return asked === undefined ? undefined : asked ? 'yes' : 'no'
}

/** Where credentials are read unless told: `DOCKER_CONFIG` counts only when nothing else is said. */
export function usualAuthFile(env: Caller['env']): string | undefined {
  if (env.REGISTRY_AUTH_FILE) return env.REGISTRY_AUTH_FILE
  return env.DOCKER_CONFIG ? join(env.DOCKER_CONFIG, 'config.json') : undefined
}

/** Milliseconds of a Go duration. */
function parseDelay(text: string): number {
  try {
    return parseDuration(text) / 1e6
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** `name:password`; a name alone has an empty password. */
export function parseCredentials(text: string): { username: string; password: string } {
  const [username = '', ...rest] = text.split(':')
  if (username === '') throw new UsageError('username cannot be empty')
  return { username, password: rest.join(':') }
}

/** @throws UsageError */
export function assertReadable(path: string, readText: (path: string) => string): void {
  try {
    readText(path)
  } catch {
    throw new UsageError(`credential file is not accessible: faccessat ${path}: no such file or directory`)
  }
}
