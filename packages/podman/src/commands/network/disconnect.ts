import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'

export const command = defineCommand({
  summary: 'Disconnect a container from a network',
  usage: '[options] NETWORK CONTAINER',
  examples: ['{} web secondary'],
  flags: { force: bool('force removal of container from network', { short: 'f' }) },
  args: exactly(2),
  async run({ flags, args: [network = '', container = ''] }, _io, engine) {
    const { networks } = await engine()
    await networks.disconnect(network, container, flags.force ? 'force' : 'graceful')
    return 0
  },
})
