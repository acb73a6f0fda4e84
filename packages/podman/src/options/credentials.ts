import { loadRegistries } from '@libpod/image'
import { defined } from '../cli/defined.ts'
import { string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { optionGroup } from './group.ts'
import { usualAuthFile } from './registry.ts'

/** Where `login` and `logout` keep credentials. */
export const credentialFile = optionGroup({
  flags: {
    authfile: string('path of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override'),
    'compat-auth-file': string('path of a Docker-compatible config file to update instead of the authentication file'),
  },
  toSpec(values, caller): { readonly authFile?: string } {
    const { authfile, 'compat-auth-file': compatible } = values
    if (authfile && compatible)
      throw new UsageError(
        'options for paths to the credential file and to the Docker-compatible credential file can not be set simultaneously',
      )
    return defined({ authFile: authfile || compatible || usualAuthFile(caller.env) })
  },
})

/** What credentials are filed under: `host[:port][/path]` as typed, or the first search registry. */
export async function credentialKey(name: string | undefined): Promise<string> {
  const key = name ?? (await loadRegistries()).unqualifiedSearch[0]
  if (key === undefined) throw new UsageError('no registries found in registries.conf, a registry must be provided')
  if (/^https?:\/\//.test(key)) return new URL(key).host
  const path = key.replace(/\/+$/, '')
  if (/@|:[^/]*$/.test(path.slice(path.indexOf('/') + 1)) && path.includes('/'))
    throw new UsageError(`reference ${JSON.stringify(path)} contains tag or digest`)
  return path
}
