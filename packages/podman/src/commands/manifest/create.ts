import { atLeast } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, list } from '../../cli/flag.ts'
import { parseAnnotations } from '../../options/annotations.ts'
import { thisCaller } from '../../options/container.ts'
import { manifestAccess, manifestRegistry } from '../../options/manifest-registry.ts'

export const command = defineCommand({
  summary: 'Create manifest list or image index',
  description: 'Creates manifest lists or image indexes.',
  usage: '[options] LIST [IMAGE...]',
  examples: [
    '{} mylist:v1.11',
    '{} mylist:v1.11 arch-specific-image-to-add',
    '{} --all mylist:v1.11 transport:tagged-image-to-add',
  ],
  flags: {
    ...manifestRegistry.transport,
    all: bool("add all of the lists' images if the images to add are lists"),
    amend: bool('modify an existing list if one with the desired name already exists', { short: 'a' }),
    annotation: list('set annotations on the new list'),
  },
  args: atLeast(1),
  async run({ flags, args: [name = '', ...images] }, io, engine) {
    const options = {
      ...manifestAccess(flags, thisCaller()),
      annotations: parseAnnotations(flags.annotation),
      instances: flags.all ? ('all' as const) : ('system' as const),
      existing: flags.amend ? ('amend' as const) : ('refuse' as const),
      signal: io.interrupted,
    }
    const { manifests } = await engine()
    io.out(`${await manifests.create(name, images, options)}\n`)
    return 0
  },
})
