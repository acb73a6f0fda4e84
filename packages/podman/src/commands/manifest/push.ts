import { writeFileSync } from 'node:fs'
import type { PushListOptions } from '@libpod/libpod'
import { between } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, string, strings } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { compression, compressionOf } from '../../options/compression.ts'
import { thisCaller } from '../../options/container.ts'
import { manifestAccess, manifestRegistry } from '../../options/manifest-registry.ts'
import { parseListFormat } from '../../options/push-format.ts'
import { signing, signingOptions } from '../../options/signing.ts'
import { showProgress } from '../../print/progress.ts'

export const command = defineCommand({
  summary: 'Push a manifest list or image index to a registry',
  description: 'Pushes manifest lists and image indexes to registries.',
  usage: '[options] LIST DESTINATION',
  examples: ['{} mylist:v1.11 docker://quay.io/myimage:v1.11'],
  flags: {
    ...manifestRegistry.all,
    ...signing.flags,
    ...compression.flags,
    'add-compression': strings('add instances with selected compression while pushing'),
    all: bool('also push the images in the list', { default: true }),
    digestfile: string('after copying the image, write the digest of the resulting digest to the file'),
    format: string(
      'manifest type (oci or v2s2) to attempt to use when pushing the manifest list (default is manifest type of source)',
      { short: 'f' },
    ),
    purge: bool('remove the local manifest list after push', { short: 'p', hidden: 'yes' }),
    quiet: bool("don't output progress information when pushing lists", { short: 'q' }),
    'remove-signatures': bool("don't copy signatures when pushing images"),
    rm: bool('remove the manifest list if push succeeds'),
  },
  args: between(1, 2),
  async run({ flags, given, args }, io, engine) {
    const [name = ''] = args
    const destination = args.at(-1) ?? ''
    if (name === '') throw new UsageError(`invalid image name ${JSON.stringify(name)}`)
    if (destination === '') throw new UsageError(`invalid destination ${JSON.stringify(destination)}`)
    const options: PushListOptions = {
      ...manifestAccess(flags, thisCaller()),
      ...signingOptions(flags, thisCaller(), io),
      ...compression.toSpec(flags, thisCaller()),
      // A format that was asked for is wanted, unless this was asked for as well.
      ...(given.has('compression-format') && !given.has('force-compression') && { forceCompression: 'yes' }),
      ...defined({ format: parseListFormat(flags.format) }),
      ...(given.has('add-compression') && { addCompression: flags['add-compression'].map(compressionOf) }),
      images: flags.all ? 'all' : 'list',
      afterwards: flags.rm || flags.purge ? 'remove' : 'keep',
      removeSignatures: flags['remove-signatures'] ? 'yes' : 'no',
    }
    const { manifests } = await engine()
    using progress = showProgress(io, flags.quiet ? 'quiet' : 'shown')
    const call = { onProgress: progress.report, signal: io.interrupted }
    const { digest } = await manifests.push(name, destination, { ...options, ...call })
    if (flags.digestfile) writeFileSync(flags.digestfile, digest)
    return 0
  },
})
