import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { logOptions, logViewFlags } from '../options/log-view.ts'
import { latestContainer, latestFlag } from '../options/selection.ts'
import { printLogs } from '../print/container-log.ts'

export const command = defineCommand({
  summary: 'Fetch the logs of one or more containers',
  description: 'Prints what containers wrote to their standard output and error.',
  usage: '[options] CONTAINER [CONTAINER...]',
  examples: [
    '{} ctrID',
    '{} --names ctrID1 ctrID2',
    '{} --color --names ctrID1 ctrID2',
    '{} --tail 2 mywebserver',
    '{} --follow=true --since 10m ctrID',
  ],
  flags: {
    ...logViewFlags,
    details: bool('Show extra details provided to the logs', { hidden: 'yes' }),
    latest: latestFlag,
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    if (args.length > 0 && flags.latest) throw new UsageError('--latest and containers cannot be used together')
    if (args.length === 0 && !flags.latest) throw new UsageError('specify at least one container name or ID to log')
    const options = logOptions(flags, io)
    const opened = await engine()
    const { containers } = opened
    const source = async (asked: string) => {
      const id = await containers.resolve(asked)
      const name = flags.names && args.length > 1 ? (await containers.inspect(id)).Name : ''
      return { id, name, records: containers.logs(id, options) }
    }
    const names = flags.latest ? [await latestContainer(opened)] : args
    await printLogs(await Promise.all(names.map(source)), flags, io)
    return 0
  },
})
