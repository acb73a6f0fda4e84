import { getCredentials, removeAllCredentials, removeCredentials } from '@libpod/image'
import { atMost } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { defined } from '../cli/defined.ts'
import { string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { codeOf, ExitStatus } from '../exit-codes.ts'
import { allFlag } from '../options/selection.ts'

export const command = defineCommand({
  summary: 'Log out of a container registry',
  description: 'Removes the stored username and password of a registry.',
  usage: '[options] [REGISTRY]',
  examples: ['{} quay.io', '{} --authfile dir/auth.json quay.io', '{} --all'],
  flags: {
    all: allFlag('remove the cached credentials for all registries in the auth file'),
    authfile: string('path of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override'),
  },
  args: atMost(1),
  async run({ flags, args: [name] }, io) {
    if (flags.all && name !== undefined) throw new UsageError('--all takes no arguments')
    if (!flags.all && name === undefined) throw new UsageError('please provide a registry to log out from')
    const access = defined({ authFile: flags.authfile ?? (io.env.REGISTRY_AUTH_FILE || undefined) })
    if (name === undefined) {
      await removeAllCredentials(access)
      io.out('Removed login credentials for all registries\n')
      return 0
    }
    const key = name.replace(/^https?:\/\//, '').replace(/\/+$/, '')
    await removeCredentials(key, access).catch(async error => {
      if (codeOf(error) === 'CREDENTIALS_UNKNOWN' && (await getCredentials(key, access)))
        throw new ExitStatus(
          125,
          `Not logged into ${key} with current tool. Existing credentials were established via docker login. Please use docker logout instead`,
        )
      throw error
    })
    io.out(`Removed login credentials for ${key}\n`)
    return 0
  },
})
