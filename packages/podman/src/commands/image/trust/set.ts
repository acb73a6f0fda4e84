import { findPolicyFile, setPolicy } from '@libpod/image'
import { exactly } from '../../../cli/arguments.ts'
import { defineCommand } from '../../../cli/command.ts'
import { list, string } from '../../../cli/flag.ts'
import { UsageError } from '../../../cli/usage-error.ts'

const types = ['accept', 'insecureAcceptAnything', 'reject', 'signedBy', 'sigstoreSigned'] as const

export const command = defineCommand({
  summary: 'Set default trust policy or a new trust policy for a registry',
  description: 'Set default trust policy or add a new trust policy for a registry',
  usage: '[options] REGISTRY',
  examples: ['{} --type reject default', '{} --type signedBy --pubkeysfile /etc/pki/key.gpg registry.example.com/team'],
  flags: {
    policypath: string('', { hidden: 'yes' }),
    pubkeysfile: list(
      'Path of installed public key(s) to trust for TARGET.\nAbsolute path to keys is added to policy.json. May\nused multiple times to define multiple public keys.\nFile(s) must exist before using this command',
      { short: 'f' },
    ),
    type: string('Trust type, accept values: signedBy(default), accept, reject', { short: 't', default: 'signedBy' }),
  },
  args: exactly(1),
  async run({ flags, args: [scope = ''] }) {
    if (!/^[a-zA-Z0-9-_.]+(?::[0-9]*)?$/.test(scope.split('/', 1)[0] ?? ''))
      throw new UsageError(`invalid image uri: ${scope}`)
    const type = types.find(one => one === flags.type)
    if (type === undefined)
      throw new UsageError(
        `invalid choice: ${flags.type} (choose from 'accept', 'reject', 'signedBy', 'sigstoreSigned')`,
      )
    await setPolicy(flags.policypath || (await findPolicyFile()), { scope, type, keyPaths: flags.pubkeysfile })
    return 0
  },
})
