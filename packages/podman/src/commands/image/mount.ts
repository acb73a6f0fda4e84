import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { each } from '../../each.ts'
import { allFlag } from '../../options/selection.ts'
import { columns } from '../../print/columns.ts'

export const command = defineCommand({
  summary: "Mount an image's root filesystem",
  description: 'Mounts images read-only on the host and prints where; without arguments, what is mounted.',
  usage: '[options] [IMAGE...]',
  examples: ['{} imgID', '{} imgID1 imgID2 imgID3', '{}', '{} --all'],
  userNamespace: 'within',
  flags: {
    all: allFlag('Mount all images'),
    format: string('Print the mounted images in specified format (json)'),
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    if (flags.all && args.length > 0)
      throw new UsageError('when using the --all switch, you may not pass any image IDs')
    if (flags.format && flags.format !== 'json') throw new UsageError(`unknown --format argument: "${flags.format}"`)
    const { images } = await engine()
    const names = flags.all ? [...new Set((await images.list()).map(({ id }) => id))] : args
    if (flags.all && names.length === 0) return 0
    const asked = names.length === 1 && !flags.all && !flags.format
    const status = await each(names, async name => printed(await images.mount(name), asked), io)
    if (asked || status !== 0) return status
    const ids = new Set(await Promise.all(names.map(async name => (await images.lookup(name)).id)))
    const mounted = (await images.mounts()).filter(({ id }) => ids.size === 0 || ids.has(id))
    if (flags.format === 'json') {
      const list = mounted.map(one => ({
        id: one.id,
        Names: [one.repositories[0] ?? one.id],
        Repositories: one.repositories,
        mountpoint: one.path,
      }))
      io.out(`${JSON.stringify(list, undefined, 2)}\n`)
    } else io.out(columns(mounted.map(({ id, repositories: [name = id], path }) => [name, path])))
    return 0
  },
})

/** Of one image alone its path is told; of several a table follows. */
const printed = (path: string, alone: boolean) => (alone ? path : undefined)
