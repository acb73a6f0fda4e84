import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { string } from '../../cli/flag.ts'
import { each } from '../../each.ts'
import { selectPods } from '../../options/pod-selection.ts'
import { allFlag, latestFlag } from '../../options/selection.ts'
import { checkSignal } from '../../options/signal.ts'

export const command = defineCommand({
  summary: 'Send the specified signal or SIGKILL to containers in pod',
  usage: '[options] POD [POD...]',
  examples: ['{} podID', '{} --signal TERM mywebserver', '{} --latest'],
  flags: {
    all: allFlag('Kill all containers in all pods'),
    latest: latestFlag,
    signal: string('Signal to send to the containers in the pod', { short: 's', default: 'KILL' }),
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const signal = checkSignal(flags.signal)
    const opened = await engine()
    const kill = async (name: string) => {
      const id = await opened.pods.resolve(name)
      await opened.pods.kill(id, signal)
      return id
    }
    return each(await selectPods({ ...flags, args }, opened), kill, io)
  },
})
