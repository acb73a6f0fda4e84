import { atLeast } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'

export const command = defineCommand({
  summary: 'Add an additional name to a local image',
  description: 'Adds one or more names to an image in the local storage.',
  usage: 'IMAGE TARGET_NAME [TARGET_NAME...]',
  examples: [
    '{} 0e3bbc2 fedora:latest',
    '{} imageID:latest myNewImage:newTag',
    '{} httpd myregistryhost:5000/fedora/httpd:v2',
  ],
  flags: {},
  args: atLeast(2),
  async run({ args: [name = '', ...names] }, _io, engine) {
    const { images } = await engine()
    await images.tag(name, names)
    return 0
  },
})
