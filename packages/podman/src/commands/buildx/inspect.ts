import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'

export const command = defineCommand({
  summary: 'Inspects build capabilities',
  description: 'Displays the one builder there is, as docker buildx inspect does.',
  usage: '[options]',
  examples: ['{}', '{} --bootstrap'],
  flags: { bootstrap: bool('Currently a No Op for podman') },
  args: noArguments,
  async run(_input, io, engine) {
    const { host } = await (await engine()).system.info()
    const builder = [
      ['Name:', 'default'],
      ['Endpoint:', 'default'],
      ['Status:', 'running'],
      ['Buildkit version:', 'N/A'],
      ['Platforms:', `${host.os}/${host.arch}`],
      ['Labels:', ''],
    ] as const
    io.out('Name:   default\nDriver: podman\n\nNodes:\n')
    io.out(builder.map(([name, value]) => `${name.padEnd(18)}${value}\n`).join(''))
    return 0
  },
})
