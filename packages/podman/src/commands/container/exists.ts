import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'

export const command = defineCommand({
  summary: 'Check if a container exists in local storage',
  description: 'Exits with 0 when the container exists in local storage, and with 1 when it does not.',
  usage: '[options] CONTAINER',
  examples: ['{} --external containerID', '{} myctr || podman run --name myctr [etc...]'],
  flags: { external: bool('Check external storage containers as well as Podman containers') },
  args: exactly(1),
  async run({ flags, args: [name = ''] }, _io, engine) {
    const { containers } = await engine()
    return (await containers.exists(name, flags.external ? 'external' : 'own')) ? 0 : 1
  },
})
