import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { engineFailed, wording } from '../../exit-codes.ts'

export const command = defineCommand({
  summary: 'Reload all volumes from volume plugins',
  description: `Asks the volume plugins that containers.conf names (volume_plugins) for their volumes: new ones are added to this store,
and those that a plugin does not keep any more are removed from it.`,
  usage: '',
  examples: ['{}'],
  flags: {},
  args: noArguments,
  async run(_, io, engine) {
    const { volumes } = await engine()
    const { added, removed, errors } = await volumes.reload()
    if (added.length > 0) io.out(`Added:\n${added.join('\n')}\n`)
    if (removed.length > 0) io.out(`Removed:\n${removed.join('\n')}\n`)
    for (const error of errors) io.err(`Error: ${wording(error)}\n`)
    return errors.length > 0 ? engineFailed : 0
  },
})
