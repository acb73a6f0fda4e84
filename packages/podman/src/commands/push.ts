import { writeFileSync } from 'node:fs'
import type { PushOptions } from '@libpod/libpod'
import { between } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { defined } from '../cli/defined.ts'
import { bool, list, string, uint } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { compression } from '../options/compression.ts'
import { thisCaller } from '../options/container.ts'
import { parsePushFormat } from '../options/push-format.ts'
import { registry } from '../options/registry.ts'
import { signing, signingOptions } from '../options/signing.ts'
import { showProgress } from '../print/progress.ts'

export const command = defineCommand({
  summary: 'Push an image to a specified destination',
  description: 'Pushes a source image to a specified destination, which may be of any transport.',
  usage: '[options] IMAGE [DESTINATION]',
  examples: ['{} imageID docker://registry.example.com/repository:tag', '{} imageID oci-archive:/path/to/layout:tag'],
  flags: {
    ...registry.flags,
    retry: uint('number of times to retry in case of failure when performing push', { shown: '3' }),
    'retry-delay': string('delay between retries in case of push failures'),
    ...signing.flags,
    ...compression.flags,
    compress: bool('Compress tarball image layers when pushing to a directory using the dir transport', {
      hidden: 'yes',
    }),
    digestfile: string('Write the digest of the pushed image to the specified file'),
    'disable-content-trust': bool('This is a Docker specific option and is a NOOP', { hidden: 'yes' }),
    'encrypt-layer': list('Layers to encrypt, 0-indexed layer indices with support for negative indexing'),
    'encryption-key': list('Key with the encryption protocol to use to encrypt the image'),
    format: string(
      'Manifest type (oci, v2s2, or v2s1) to use in the destination (default is manifest type of source, with fallbacks)',
      {
        short: 'f',
      },
    ),
    quiet: bool('Suppress output information when pushing images', { short: 'q' }),
    'remove-signatures': bool('Discard any pre-existing signatures in the image'),
  },
  args: between(1, 2),
  async run({ flags, given, args: [name = '', destination] }, io, engine) {
    const format = parsePushFormat(flags.format)
    if (flags['encryption-key'].length > 0 || flags['encrypt-layer'].length > 0)
      throw new UsageError('--encryption-key and --encrypt-layer: encrypting images is not supported')
    const options: PushOptions = {
      ...registry.toSpec(flags, thisCaller()),
      ...signingOptions(flags, thisCaller(), io),
      ...defined({ format, compression: flags.compress ? ('gzip' as const) : undefined }),
      ...compression.toSpec(flags, thisCaller()),
      // A format that was asked for is wanted, unless this was asked for as well.
      ...(given.has('compression-format') && !given.has('force-compression') && { forceCompression: 'yes' }),
      removeSignatures: flags['remove-signatures'] ? 'yes' : 'no',
    }
    const { images } = await engine()
    using progress = showProgress(io, flags.quiet ? 'quiet' : 'shown')
    const call = { onProgress: progress.report, signal: io.interrupted }
    const { digest } = await images.push(name, destination, { ...options, ...call })
    if (flags.digestfile !== undefined) writeFileSync(flags.digestfile, digest)
    return 0
  },
})
