import { noArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool, string } from '../cli/flag.ts'
import { isJson } from '../print/is-json.ts'

export const command = defineCommand({
  summary: 'Display podman system information',
  description: 'Displays information about the host, the current storage, and the versions of what is used.',
  usage: '[options]',
  examples: ['{}', '{} --format json'],
  flags: {
    debug: bool('Display additional debug information', { short: 'D', hidden: 'yes' }),
    format: string('Change the output format to JSON or a Go template', { short: 'f' }),
  },
  args: noArguments,
  templateFields: async () => (await import('../shapes/info.ts')).infoShape,
  async run({ flags }, io, engine) {
    const { system } = await engine()
    const info = await system.info()
    if (flags.format === undefined) {
      const { stringify } = await import('yaml')
      io.out(stringify(info, { indent: 2, nullStr: 'null', aliasDuplicateObjects: false }))
    } else if (isJson(flags.format)) io.out(`${JSON.stringify(info, undefined, 2)}\n`)
    else {
      const [{ formatObject }, { goValue }, { infoShape }] = await Promise.all([
        import('../print/format.ts'),
        import('../shapes/shape.ts'),
        import('../shapes/info.ts'),
      ])
      io.out(formatObject(flags.format, goValue(info, infoShape), 'info'))
    }
    return 0
  },
})
