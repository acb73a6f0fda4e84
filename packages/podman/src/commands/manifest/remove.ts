import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { ExitStatus, engineFailed, wording } from '../../exit-codes.ts'

export const command = defineCommand({
  summary: 'Remove an item from a manifest list or image index',
  description: 'Removes an item from a manifest list or image index.',
  usage: 'LIST DIGEST',
  examples: ['{} mylist:v1.11 sha256:15352d97781ffdf357bf3459c037be3efac4133dc9070c2dce7eca7c05c3e736'],
  flags: {},
  args: exactly(2),
  async run({ args: [name = '', digest = ''] }, io, engine) {
    const { manifests } = await engine()
    const id = await manifests.removeInstance(name, digest).catch((error: unknown) => {
      throw new ExitStatus(engineFailed, `removing from manifest list ${name}: ${wording(error)}`)
    })
    io.out(`${id}\n`)
    return 0
  },
})
