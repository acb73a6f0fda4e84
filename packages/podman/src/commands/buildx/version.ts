import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'

export const command = defineCommand({
  summary: 'Print the Buildah version information',
  usage: '',
  flags: {},
  args: noArguments,
  async run(_input, io, engine) {
    const { host } = await (await engine()).system.info()
    io.out(`buildah ${host.buildahVersion}\n`)
    return 0
  },
})
