import type { ImageTree, ImageTreeLayer, ImageTreeNode } from '@libpod/libpod'
import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { humanSize } from '../../print/size.ts'
import { type Branch, treeText } from '../../print/tree.ts'

export const command = defineCommand({
  summary: 'Print layer hierarchy of an image in a tree format',
  description: 'Prints the layers of an image, the base first, with the images that end at each.',
  usage: '[options] IMAGE',
  examples: ['{} alpine:latest'],
  flags: { whatrequires: bool('Show all child images and layers of the specified image') },
  args: exactly(1),
  async run({ flags, args: [name = ''] }, io, engine) {
    const { images } = await engine()
    const tree = await images.tree(name)
    const { id, tags, size, layers } = tree
    const head = `Image ID: ${id.slice(0, 12)}\nTags:     [${tags.join(' ')}]\nSize:     ${humanSize(size)}\n`
    const text = `${head}${layers.length > 0 ? 'Image Layers' : 'No Image Layers'}`
    const branches = flags.whatrequires ? dependents(tree) : layers.map(leaf)
    io.out(`${treeText({ text, branches })}\n`)
    return 0
  },
})

const leaf = (layer: ImageTreeLayer): Branch => ({ text: describe(layer), branches: [] })

function describe({ id, size, topOf }: ImageTreeLayer): string {
  const top = topOf.length > 0 ? ` Top Layer of: [${topOf.join(' ')}]` : ''
  return `ID: ${id.slice(0, 12)} Size: ${humanSize(size).padStart(7)}${top}`
}

const dependents = ({ top, siblings = 0 }: ImageTree): readonly Branch[] =>
  top === undefined ? [] : branchesOf(top, siblings > 0 ? 'several' : 'alone')

/** A layer that is alone on its parent is drawn in line with it; several branch off. */
function branchesOf(node: ImageTreeNode, here: 'alone' | 'several'): readonly Branch[] {
  const inner = node.children.flatMap(child => branchesOf(child, node.children.length > 1 ? 'several' : 'alone'))
  return here === 'alone' ? [leaf(node), ...inner] : [{ text: describe(node), branches: inner }]
}
