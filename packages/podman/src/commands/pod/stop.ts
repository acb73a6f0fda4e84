import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, seconds } from '../../cli/flag.ts'
import { each } from '../../each.ts'
import { codeOf } from '../../exit-codes.ts'
import { podIdFileFlag, selectPods } from '../../options/pod-selection.ts'
import { allFlag, latestFlag } from '../../options/selection.ts'

export const command = defineCommand({
  summary: 'Stop one or more pods',
  description: 'Stops all containers of pods.',
  usage: '[options] POD [POD...]',
  examples: ['{} mywebserverpod', '{} --latest', '{} --time 0 490eb 3557fb'],
  flags: {
    all: allFlag('Stop all running pods'),
    ignore: bool('Ignore errors when a specified pod is missing', { short: 'i' }),
    latest: latestFlag,
    'pod-id-file': podIdFileFlag,
    time: seconds('Seconds to wait for pod stop before killing the container', { short: 't', shown: '10' }),
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const opened = await engine()
    const stop = async (name: string) => {
      const id = await opened.pods.resolve(name)
      await opened.pods.stop(id, { ...defined({ timeout: flags.time }), signal: io.interrupted })
      return String((await opened.pods.inspect(id)).Name)
    }
    const names = await selectPods({ ...flags, args }, opened, { unknown: flags.ignore ? 'leave' : 'refuse' })
    return each(names, stop, io, {
      forgive: error => flags.ignore && codeOf(error) === 'POD_UNKNOWN',
    })
  },
})
