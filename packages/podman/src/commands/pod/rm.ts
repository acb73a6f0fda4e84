import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, seconds } from '../../cli/flag.ts'
import { each } from '../../each.ts'
import { codeOf } from '../../exit-codes.ts'
import { podIdFileFlag, selectPods } from '../../options/pod-selection.ts'
import { allFlag, latestFlag } from '../../options/selection.ts'

export const command = defineCommand({
  summary: 'Remove one or more pods',
  description: 'Removes pods and their containers; running ones only with --force.',
  usage: '[options] POD [POD...]',
  examples: ['{} mywebserverpod', '{} -f 860a4b23', '{} -f -a'],
  flags: {
    all: allFlag('Remove all running pods'),
    force: bool(
      'Force removal of a running pod by first stopping all containers, then removing all containers in the pod.  The default is false',
      { short: 'f' },
    ),
    ignore: bool('Ignore errors when a specified pod is missing', { short: 'i' }),
    latest: latestFlag,
    'pod-id-file': podIdFileFlag,
    time: seconds('Seconds to wait for pod stop before killing the container', { short: 't' }),
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const opened = await engine()
    const remove = async (name: string) => {
      const id = await opened.pods.resolve(name)
      await opened.pods.remove(id, {
        running: flags.force ? 'kill' : 'refuse',
        ...defined({ timeout: flags.time }),
        signal: io.interrupted,
      })
      return id
    }
    return each(await selectPods({ ...flags, args }, opened), remove, io, {
      forgive: error => (flags.ignore || flags.force) && codeOf(error) === 'POD_UNKNOWN',
      statusOf: error => (codeOf(error) === 'POD_UNKNOWN' ? 1 : 125),
    })
  },
})
