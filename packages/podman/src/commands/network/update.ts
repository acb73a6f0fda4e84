import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { strings } from '../../cli/flag.ts'

export const command = defineCommand({
  summary: 'Update an existing podman network',
  description: 'Changes the name servers of a network. Networks of the CNI back end have none of their own.',
  usage: '[options] NETWORK',
  examples: ['{} --dns-add 8.8.8.8,1.1.1.1 network1', '{} --dns-drop 8.8.8.8 --dns-add 3.3.3.3 network1'],
  flags: {
    'dns-add': strings('add network level nameservers'),
    'dns-drop': strings('remove network level nameservers'),
  },
  args: exactly(1),
  async run({ flags, args: [name = ''] }, io, engine) {
    const { networks } = await engine()
    await networks.update(name, { addDnsServers: flags['dns-add'], removeDnsServers: flags['dns-drop'] })
    io.out(`${name}\n`)
    return 0
  },
})
