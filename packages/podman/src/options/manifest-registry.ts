import type { RegistryOptions } from '@libpod/libpod'
import { choice, type FlagValues } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import type { Caller } from './group.ts'
import { registry, unaskedOfRegistry } from './registry.ts'

const { authfile, 'cert-dir': certDir, creds, 'tls-verify': tlsVerify } = registry.flags
const insecure = choice('neither require HTTPS nor verify certificates when accessing the registry', { hidden: 'yes' })

/** How `podman manifest` reaches registries, as far as each of its commands lets itself be told. */
export const manifestRegistry = {
  /** `create` */
  transport: { insecure, 'tls-verify': tlsVerify },
  /** `inspect` */
  reading: { authfile, insecure, 'tls-verify': tlsVerify },
  /** `add` and `push` */
  all: { authfile, 'cert-dir': certDir, creds, insecure, 'tls-verify': tlsVerify },
} as const

type Values = FlagValues<typeof manifestRegistry.transport> & Partial<FlagValues<typeof manifestRegistry.all>>

/** `--insecure` is docker's word for `--tls-verify=false`. */
export function manifestAccess(values: Values, caller: Caller): RegistryOptions {
  if (values.insecure !== undefined && values['tls-verify'] !== undefined)
    throw new UsageError('--insecure may not be used with --tls-verify')
  return readingAccess(values, caller)
}

/** Where docker's word is taken for the sake of docker alone, `--tls-verify` goes first. */
export function readingAccess({ insecure, ...values }: Values, caller: Caller): RegistryOptions {
  const verify = values['tls-verify'] ?? (insecure === undefined ? undefined : !insecure)
  return registry.toSpec({ ...unaskedOfRegistry, ...values, 'tls-verify': verify }, caller)
}
