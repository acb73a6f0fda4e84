import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { humanSize } from '../../print/size.ts'

export const command = defineCommand({
  summary: 'Print layer hierarchy of an image in a tree format',
  description: 'Prints the layers of an image, the base first, with the images that end at each.',
  usage: '[options] IMAGE',
  examples: ['{} alpine:latest'],
  flags: { whatrequires: bool('Show all child images and layers of the specified image') },
  args: exactly(1),
  async run({ flags, args: [name = ''] }, io, engine) {
    if (flags.whatrequires) throw new UsageError('--whatrequires: not supported; see `podman history` of the children')
    const { images } = await engine()
    const { id, tags, size, layers } = await images.tree(name)
    const lines = layers.map((layer, at) => {
      const top = layer.topOf.length > 0 ? ` Top Layer of: [${layer.topOf.join(' ')}]` : ''
      return `${at === layers.length - 1 ? '└──' : '├──'} ID: ${layer.id.slice(0, 12)} Size: ${humanSize(layer.size)}${top}\n`
    })
    const head = `Image ID: ${id.slice(0, 12)}\nTags:     [${tags.join(' ')}]\nSize:     ${humanSize(size)}\n`
    io.out(`${head}${lines.length > 0 ? 'Image Layers\n' : 'No Image Layers\n'}${lines.join('')}`)
    return 0
  },
})
