import { noArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { string } from '../cli/flag.ts'

export const command = defineCommand({
  summary: 'Display podman system information',
  description: 'Displays information about the host, the current storage, and the versions of what is used.',
  usage: '[options]',
  examples: ['{}', '{} --format json'],
  flags: { format: string('Change the output format to JSON or a Go template', { short: 'f' }) },
  args: noArguments,
  async run({ flags }, io, engine) {
    const { system } = await engine()
    const info = await system.info()
    if (flags.format === undefined) {
      const { stringify } = await import('yaml')
      io.out(stringify(info, { indent: 2, nullStr: 'null', aliasDuplicateObjects: false }))
    } else if (flags.format === 'json') io.out(`${JSON.stringify(info, undefined, 2)}\n`)
    else {
      const { formatRows } = await import('../print/format.ts')
      io.out(formatRows(flags.format, [capitalized(info)], {}))
    }
    return 0
  },
})

/** Templates name the members as Go does: `.Host.Arch` is `host.arch`. */
function capitalized(value: unknown): Record<string, unknown> {
  const deep = (one: unknown): unknown =>
    Array.isArray(one) ? one : typeof one === 'object' && one !== null ? capitalized(one) : one
  return Object.fromEntries(Object.entries(value as object).map(([key, member]) => [goName(key), deep(member)]))
}

const goNames: Readonly<Record<string, string>> = {
  ociRuntime: 'OCIRuntime',
  cpus: 'CPUs',
  os: 'OS',
  uidmap: 'UIDMap',
  gidmap: 'GIDMap',
}
const goName = (key: string) => goNames[key] ?? key.slice(0, 1).toUpperCase() + key.slice(1)
