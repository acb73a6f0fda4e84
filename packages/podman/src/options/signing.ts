import type { SigningOptions } from '@libpod/libpod'
import { askSecret } from '../ask.ts'
import { defined } from '../cli/defined.ts'
import { type FlagValues, string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import type { Terminal } from '../terminal.ts'
import { type Caller, optionGroup } from './group.ts'

/** The signatures to make of what is pushed. */
export const signing = optionGroup({
  flags: {
    'sign-by': string('Add a signature at the destination using the specified key'),
    'sign-by-sigstore': string('Sign the image using a sigstore parameter file at `PATH`'),
    'sign-by-sigstore-private-key': string('Sign the image using a sigstore private key at `PATH`'),
    'sign-by-sq-fingerprint': string('Sign the image using a Sequoia-PGP key with the specified `FINGERPRINT`'),
    'sign-passphrase-file': string('Read a passphrase for signing an image from `PATH`'),
  },
  toSpec(values, caller): Omit<SigningOptions, 'passphrase'> {
    if (values['sign-by-sq-fingerprint'])
      throw new UsageError('error using --sign-by-sq-fingerprint: Sequoia-PGP is not supported; use --sign-by')
    if (values['sign-passphrase-file'] && values['sign-by'] && values['sign-by-sigstore-private-key'])
      throw new UsageError(
        'only one of --sign-by, --sign-by-sq-fingerprint and --sign-by-sigstore-private-key can be used with --sign-passphrase-file',
      )
    if (values['sign-passphrase-file']) caller.readText(values['sign-passphrase-file'])
    return defined({
      signBy: values['sign-by'] || undefined,
      signBySigstoreKey: values['sign-by-sigstore-private-key'] || undefined,
      signBySigstore: values['sign-by-sigstore'] || undefined,
    })
  },
})

/** All of the options, with the passphrase from its file or, for a sigstore key, typed; GnuPG asks for its own. */
export function signingOptions(values: FlagValues<typeof signing.flags>, caller: Caller, io: Terminal): SigningOptions {
  const options = signing.toSpec(values, caller)
  const file = values['sign-passphrase-file']
  // Like gpg, only the first line counts.
  if (file) return { ...options, passphrase: async () => caller.readText(file).split('\n', 1)[0] ?? '' }
  if (options.signBy !== undefined) return options
  return { ...options, passphrase: key => askSecret(`Passphrase for ${key}: `, io) }
}
