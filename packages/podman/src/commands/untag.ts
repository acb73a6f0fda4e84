import { atLeast } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'

export const command = defineCommand({
  summary: 'Remove a name from a local image',
  description: 'Takes one or more names from an image; without names, all of them.',
  usage: 'IMAGE [IMAGE...]',
  examples: ['{} 0e3bbc2', '{} imageID:latest otherImageName:latest', '{} httpd myregistryhost:5000/fedora/httpd:v2'],
  flags: {},
  args: atLeast(1),
  async run({ args: [name = '', ...names] }, _io, engine) {
    const { images } = await engine()
    await images.untag(name, names)
    return 0
  },
})
