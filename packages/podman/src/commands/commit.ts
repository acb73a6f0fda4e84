import { writeFileSync } from 'node:fs'
import type { CommitOptions } from '@libpod/libpod'
import { between } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { defined } from '../cli/defined.ts'
import { bool, list, string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'

export const command = defineCommand({
  summary: 'Create new image based on the changed container',
  description: 'Makes an image of the changes that a container made to its file system, with its configuration.',
  usage: '[options] CONTAINER [IMAGE]',
  examples: [
    '{} -q --message "committing container to image" reverent_golick image-committed',
    '{} -q --author "firstName lastName" reverent_golick image-committed',
    '{} containerID',
  ],
  flags: {
    author: string('Set the author for the image committed', { short: 'a' }),
    change: list(
      'Apply the following possible instructions to the created image: CMD | ENTRYPOINT | ENV | EXPOSE | LABEL | ONBUILD | STOPSIGNAL | USER | VOLUME | WORKDIR',
      { short: 'c' },
    ),
    config: string('`file` containing a container configuration to merge into the image'),
    format: string('`Format` of the image manifest and metadata', { short: 'f', default: 'oci' }),
    iidfile: string('`file` to write the image ID to'),
    'include-volumes': bool('Include container volumes as image volumes'),
    message: string('Set commit message for imported image', { short: 'm' }),
    pause: bool('Pause container during commit', { short: 'p' }),
    quiet: bool('Suppress output', { short: 'q' }),
    squash: bool('squash newly built layers into a single new layer', { short: 's' }),
  },
  args: between(1, 2),
  async run({ flags, args: [name = '', image] }, io, engine) {
    const format = formatOf(flags.format)
    if (flags.message && format !== 'docker')
      throw new UsageError('messages are only compatible with the docker image format (-f docker)')
    const options: CommitOptions = {
      ...defined({
        names: image === undefined ? undefined : [image],
        author: flags.author,
        message: flags.message,
        changes: flags.change.length > 0 ? flags.change : undefined,
        config: flags.config,
      }),
      format,
      pause: yesNo(flags.pause),
      squash: yesNo(flags.squash),
      includeVolumes: yesNo(flags['include-volumes']),
    }
    const { containers } = await engine()
    const id = await containers.commit(name, options)
    if (!flags.quiet)
      io.err(`Getting image source signatures\nCopying config sha256:${id}\nWriting manifest to image destination\n`)
    if (flags.iidfile !== undefined) writeFileSync(flags.iidfile, id)
    io.out(`${id}\n`)
    return 0
  },
})

const yesNo = (value: boolean) => (value ? 'yes' : 'no')

function formatOf(text: string): 'oci' | 'docker' {
  if (text === 'oci' || text === 'docker') return text
  throw new UsageError(`unrecognized image format ${JSON.stringify(text)}`)
}
