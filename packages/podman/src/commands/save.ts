import { existsSync, rmSync } from 'node:fs'
import type { SaveOptions } from '@libpod/libpod'
import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool, string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { showProgress } from '../print/progress.ts'
import { descriptorWriter } from '../streams/descriptor-writer.ts'

const formats = ['oci-dir', 'oci-archive', 'docker-dir', 'docker-archive'] as const

export const command = defineCommand({
  summary: 'Save image(s) to an archive',
  description:
    'Writes images to a docker-archive, oci-archive, oci directory or docker directory, or to standard output.',
  usage: '[options] IMAGE [IMAGE...]',
  examples: [
    '{} --quiet -o myimage.tar imageID',
    '{} --format docker-dir -o ubuntu-dir ubuntu',
    '{} > alpine-all.tar alpine:latest',
  ],
  flags: {
    compress: bool(
      "Compress tarball image layers when saving to a directory using the 'dir' transport. (default is same compression type as source)",
    ),
    format: string(
      'Save image to oci-archive, oci-dir (directory with oci manifest type), docker-archive, docker-dir (directory with v2s2 manifest type)',
      { default: 'docker-archive' },
    ),
    'multi-image-archive': bool(
      'Interpret additional arguments as images not tags and create a multi-image-archive (only for docker-archive)',
      { short: 'm' },
    ),
    output: string('Write to a specified file (default: stdout, which must be redirected)', { short: 'o' }),
    quiet: bool('Suppress the output', { short: 'q' }),
    'signature-policy': string('Path to a signature-policy file', { hidden: 'yes' }),
    uncompressed: bool('Accept uncompressed layers when copying OCI images'),
  },
  args: anyArguments,
  async run({ flags, given, args: [first = '', ...others] }, io, engine) {
    if (first === '') throw new UsageError('need at least 1 argument')
    const format = formats.find(each => each === flags.format)
    if (format === undefined) throw new UsageError(`format value must be one of ${formats.join(' ')}`)
    if (given.has('compress') && format !== 'docker-dir')
      throw new UsageError("--compress can only be set when --format is 'docker-dir'")
    if (flags.output === undefined && io.isTerminal('stdout'))
      throw new UsageError('refusing to save to terminal. Use -o flag or redirect')
    if (flags.output === undefined && format.endsWith('-dir'))
      throw new UsageError(`--format ${format} needs --output: a directory cannot be written to standard output`)
    if (flags.output?.includes(':'))
      throw new UsageError(`invalid filename (should not contain ':') ${JSON.stringify(flags.output)}`)
    const { images } = await engine()
    using progress = showProgress(io, flags.quiet || flags.output === undefined ? 'quiet' : 'shown')
    const options: SaveOptions = {
      format,
      output: flags.output ?? descriptorWriter(1),
      compress: flags.compress ? 'yes' : 'no',
      uncompressed: flags.uncompressed ? 'yes' : 'no',
      ...(flags['multi-image-archive'] ? {} : { additionalTags: others }),
      ...(flags['signature-policy'] ? { signaturePolicy: flags['signature-policy'] } : {}),
    }
    const before = flags.output !== undefined && existsSync(flags.output)
    const names = flags['multi-image-archive'] ? [first, ...others] : [first]
    try {
      await images.save(names, { ...options, onProgress: progress.report, signal: io.interrupted })
    } catch (error) {
      // Half an archive must not be taken for one; what was there before is somebody's.
      if (flags.output !== undefined && !format.endsWith('-dir') && !before) rmSync(flags.output, { force: true })
      throw error
    }
    return 0
  },
})
