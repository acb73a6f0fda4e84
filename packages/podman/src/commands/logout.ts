import { checkLogin, getCredentials, removeAllCredentials, removeCredentials } from '@libpod/image'
import { atMost } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { UsageError } from '../cli/usage-error.ts'
import { codeOf, ExitStatus, engineFailed } from '../exit-codes.ts'
import { thisCaller } from '../options/container.ts'
import { credentialFile, credentialKey } from '../options/credentials.ts'
import { assertReadable } from '../options/registry.ts'
import { allFlag } from '../options/selection.ts'

export const command = defineCommand({
  summary: 'Log out of a container registry',
  description: 'Removes the stored username and password of a registry.',
  usage: '[options] [REGISTRY]',
  examples: ['{} quay.io', '{} --authfile dir/auth.json quay.io', '{} --all'],
  userNamespace: 'none',
  flags: {
    all: allFlag('remove the cached credentials for all registries in the auth file'),
    ...credentialFile.flags,
  },
  args: atMost(1),
  async run({ flags, args: [name] }, io) {
    if (flags.all && name !== undefined) throw new UsageError('--all takes no arguments')
    for (const path of [flags.authfile, flags['compat-auth-file']])
      if (path) assertReadable(path, thisCaller().readText)
    const access = credentialFile.toSpec(flags, thisCaller())
    if (flags.all) {
      await removeAllCredentials(access)
      io.out('Removed login credentials for all registries\n')
      return 0
    }
    const key = await credentialKey(name)
    const removed = await removeCredentials(key, access).then(() => true, unknownOnly)
    if (removed) io.out(`Removed login credentials for ${key}\n`)
    else if (await isElsewhere(key, access))
      io.out(
        `Not logged into ${key} with current tool. Existing credentials were established via docker login. Please use docker logout instead.\n`,
      )
    else throw new ExitStatus(engineFailed, `not logged into ${key}`)
    return 0
  },
})

function unknownOnly(error: unknown): false {
  if (codeOf(error) === 'CREDENTIALS_UNKNOWN') return false
  throw error
}

/** Whether another tool's file has credentials that the registry takes. */
async function isElsewhere(key: string, access: { readonly authFile?: string }): Promise<boolean> {
  const credentials = await getCredentials(key, access)
  if (credentials === undefined) return false
  return checkLogin(key.split('/', 1)[0] ?? key, credentials, access).then(
    () => true,
    () => false,
  )
}
