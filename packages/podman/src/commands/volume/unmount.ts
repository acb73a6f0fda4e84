import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { each, named } from '../../each.ts'

export const command = defineCommand({
  summary: 'Unmount volume',
  description: 'Undoes a mount of volumes; they stay mounted while containers use them.',
  usage: 'NAME',
  examples: ['{} myvol'],
  flags: {},
  args: exactly(1),
  async run({ args }, io, engine) {
    const { volumes } = await engine()
    return each(
      args,
      named(name => volumes.unmount(name)),
      io,
    )
  },
})
