import type { RegistryOptions } from '@libpod/libpod'
import { bool } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { optionGroup } from './group.ts'
import { registry } from './registry.ts'

/** How `podman manifest` reaches registries: `--insecure` is docker's word for `--tls-verify=false`. */
export const manifestRegistry = optionGroup({
  flags: {
    ...registry.flags,
    insecure: bool('neither require HTTPS nor verify certificates when accessing the registry', { hidden: 'yes' }),
  },
  toSpec(values, caller): RegistryOptions {
    if (values.insecure && !values['tls-verify']) throw new UsageError('--insecure may not be used with --tls-verify')
    const tlsVerify = values['tls-verify'] && !values.insecure
    return registry.toSpec({ ...values, 'tls-verify': tlsVerify }, caller)
  },
})
