import type { RegistryOptions } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { bool, duration, list, string, uint } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { optionGroup } from './group.ts'

/** Credentials, trust and patience of everything that talks to a registry. */
export const registry = optionGroup({
  flags: {
    authfile: string('Path of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override'),
    'cert-dir': string('`Pathname` of a directory containing TLS certificates and keys'),
    creds: string('`Credentials` (USERNAME:PASSWORD) to use for authenticating to a registry'),
    'decryption-key': list('Key needed to decrypt the image (e.g. /path/to/key.pem)'),
    retry: uint('number of times to retry in case of failure when performing pull'),
    'retry-delay': duration('delay between retries in case of pull failures'),
    'signature-policy': string('`Pathname` of signature policy file', { hidden: 'yes' }),
    'tls-verify': bool('Require HTTPS and verify certificates when contacting registries', { default: true }),
  },
  toSpec(values, caller): RegistryOptions {
    if (values['decryption-key'].length > 0)
      throw new UsageError('--decryption-key: encrypted images are not supported')
    const authFile = values.authfile ?? caller.env.REGISTRY_AUTH_FILE
    if (values.authfile !== undefined) assertReadable(values.authfile, caller.readText)
    return defined({
      authFile: authFile || undefined,
      credentials: values.creds === undefined ? undefined : parseCredentials(values.creds),
      certDir: values['cert-dir'],
      tlsVerify: values['tls-verify'] ? undefined : ('no' as const),
      signaturePolicy: values['signature-policy'],
      retry: values.retry,
      retryDelayMs: values['retry-delay'] === undefined ? undefined : values['retry-delay'] / 1e6,
    })
  },
})

/** `name:password`; a name alone has an empty password. */
export function parseCredentials(text: string): { username: string; password: string } {
  const [username = '', ...rest] = text.split(':')
  if (username === '') throw new UsageError('username cannot be empty')
  return { username, password: rest.join(':') }
}

function assertReadable(path: string, readText: (path: string) => string): void {
  try {
    readText(path)
  } catch {
    throw new UsageError(`credential file is not accessible: faccessat ${path}: no such file or directory`)
  }
}
