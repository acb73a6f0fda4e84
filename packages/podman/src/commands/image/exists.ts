import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'

export const command = defineCommand({
  summary: 'Check if an image exists in local storage',
  description: 'Exits with 0 when the image exists in local storage, and with 1 when it does not.',
  usage: 'IMAGE',
  examples: ['{} ID', '{} IMAGE && podman pull IMAGE'],
  flags: {},
  args: exactly(1),
  async run({ args: [name = ''] }, _io, engine) {
    const { images } = await engine()
    return (await images.exists(name)) ? 0 : 1
  },
})
