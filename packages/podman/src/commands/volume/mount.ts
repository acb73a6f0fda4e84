import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { each } from '../../each.ts'

export const command = defineCommand({
  summary: 'Mount volume',
  description: 'Mounts volumes on the host and prints where; counted, until `volume unmount`.',
  usage: 'NAME',
  examples: ['{} myvol'],
  userNamespace: 'within',
  flags: {},
  args: exactly(1),
  async run({ args }, io, engine) {
    const { volumes } = await engine()
    return each(args, name => volumes.mount(name), io)
  },
})
