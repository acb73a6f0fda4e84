import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, seconds } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { each } from '../../each.ts'
import { codeOf, ExitStatus, engineFailed, wording } from '../../exit-codes.ts'
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
    if (flags.time !== undefined && !flags.force)
      throw new UsageError('--force option must be specified to use the --time option')
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
    const lenient = flags.ignore || flags.force
    const statusOf = (error: unknown) => (codeOf(error) === 'POD_UNKNOWN' ? 1 : engineFailed)
    const names = await selectPods({ ...flags, args }, opened, {
      unknown: lenient ? 'leave' : 'refuse',
      noneStatus: 1,
    }).catch(error => {
      throw codeOf(error) === 'POD_UNKNOWN' ? new ExitStatus(1, wording(error)) : error
    })
    return each(names, remove, io, {
      forgive: error => lenient && codeOf(error) === 'POD_UNKNOWN',
      statusOf,
    })
  },
})
