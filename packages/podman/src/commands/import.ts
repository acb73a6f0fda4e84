import type { ImportOptions } from '@libpod/libpod'
import { between } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { defined } from '../cli/defined.ts'
import { bool, list, string } from '../cli/flag.ts'
import { showProgress } from '../print/progress.ts'

export const command = defineCommand({
  summary: 'Import a tarball to create a filesystem image',
  description:
    'Makes an image of a root file system in a tar archive, which may be compressed: a path, a URL, or - for standard input.',
  usage: '[options] PATH [REFERENCE]',
  examples: [
    '{} https://example.com/ctr.tar url-image',
    'cat ctr.tar | {} -q --message "importing the ctr.tar file" - image-imported',
    'cat ctr.tar | {} -',
  ],
  flags: {
    arch: string('Set the architecture of the imported image'),
    change: list(
      'Apply imgspec-compatible instructions to the created image: CMD | ENTRYPOINT | ENV | EXPOSE | LABEL | ONBUILD | STOPSIGNAL | USER | VOLUME | WORKDIR',
      { short: 'c' },
    ),
    message: string('Set commit message for imported image', { short: 'm' }),
    os: string('Set the OS of the imported image'),
    quiet: bool('Suppress output', { short: 'q' }),
    'signature-policy': string('Path to a signature-policy file', { hidden: 'yes' }),
    variant: string('Set the variant of the imported image'),
  },
  args: between(1, 2),
  async run({ flags, args: [source = '', name] }, io, engine) {
    const platform = defined({ os: flags.os, architecture: flags.arch, variant: flags.variant })
    const options: ImportOptions = {
      ...defined({ name, message: flags.message, changes: flags.change.length > 0 ? flags.change : undefined }),
      ...(Object.keys(platform).length > 0 ? { platform } : {}),
    }
    const { images } = await engine()
    using progress = showProgress(io, flags.quiet ? 'quiet' : 'shown')
    const id = await images.import(source, { ...options, onProgress: progress.report, signal: io.interrupted })
    io.out(`sha256:${id.replace(/^sha256:/, '')}\n`)
    return 0
  },
})
