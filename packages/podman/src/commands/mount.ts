import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool, string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { each } from '../each.ts'
import { allFlag, checkSelection, latestFlag, select } from '../options/selection.ts'
import { columns } from '../print/columns.ts'

export const command = defineCommand({
  summary: "Mount a working container's root filesystem",
  description:
    'Mounts the root file systems of containers on the host and prints where; without arguments, what is mounted.',
  usage: '[options] [CONTAINER...]',
  examples: ['{}', '{} ctrID', '{} ctrID1 ctrID2', '{} --all'],
  userNamespace: 'within',
  flags: {
    all: allFlag('Mount all containers'),
    format: string('Print the mounted containers in specified format (json)'),
    latest: latestFlag,
    'no-trunc': bool('Do not truncate output'),
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    if (flags.format && flags.format !== 'json')
      throw new UsageError(`unknown --format argument: ${JSON.stringify(flags.format)}`)
    const opened = await engine()
    const { containers } = opened
    if (args.length > 0 || flags.latest || flags.all) {
      checkSelection({ ...flags, args })
      const names = await select({ ...flags, args }, engine, { unknown: 'leave' })
      const several = names.length > 1 || flags.all
      return each(
        names,
        async name =>
          (several ? `${shown(await containers.resolve(name), true)} ` : '') + (await containers.mount(name)),
        io,
      )
    }
    const mounted = await containers.mounts()
    if (flags.format === 'json') {
      const list = mounted.map(({ id, name, path }) => ({ id, Names: [name], mountpoint: path }))
      io.out(`${JSON.stringify(list, undefined, 2)}\n`)
    } else io.out(columns(mounted.map(({ id, path }) => [shown(id, !flags['no-trunc']), path])))
    return 0
  },
})

const shown = (id: string, short: boolean) => (short ? id.slice(0, 12) : id)
