import { between } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, string, strings } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { thisCaller } from '../../options/container.ts'
import { listEntry } from '../../options/list-entry.ts'

export const command = defineCommand({
  summary: 'Add or update information about an entry in a manifest list or image index',
  description: 'Adds or updates information about an entry in a manifest list or image index.',
  usage: '[options] LIST IMAGEORARTIFACT',
  examples: [
    '{} --annotation left=right mylist:v1.11 sha256:15352d97781ffdf357bf3459c037be3efac4133dc9070c2dce7eca7c05c3e736',
  ],
  flags: {
    ...listEntry.flags,
    'os-features': strings('override the OS `features` of the specified image or artifact'),
    index: bool('apply --annotation values to the image index itself'),
    subject: string('set the `subject` to which the image index refers'),
  },
  args: between(1, 2),
  async run({ flags, args: [name = '', instance] }, io, engine) {
    if (name === '') throw new UsageError(`invalid image name ${JSON.stringify(name)}`)
    if (instance === undefined && !flags.index)
      throw new UsageError('expected an instance digest, image name, or artifact name')
    if (instance !== undefined && flags.index)
      throw new UsageError(
        `did not expect image or artifact name ${JSON.stringify(instance)} when modifying the entire index`,
      )
    if (instance === '')
      throw new UsageError(`invalid instance digest, image name, or artifact name ${JSON.stringify(instance)}`)
    const changes = {
      ...listEntry.toSpec(flags, thisCaller()),
      ...defined({
        osFeatures: flags['os-features'].length > 0 ? flags['os-features'] : undefined,
        subject: flags.subject || undefined,
      }),
      signal: io.interrupted,
    }
    const { manifests } = await engine()
    io.out(`${await manifests.annotate(name, instance, changes)}\n`)
    return 0
  },
})
