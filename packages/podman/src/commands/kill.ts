import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { string } from '../cli/flag.ts'
import { each, named } from '../each.ts'
import { allFlag, cidfileFlag, latestFlag, select } from '../options/selection.ts'
import { checkSignal } from '../options/signal.ts'

export const command = defineCommand({
  summary: 'Kill one or more running containers with a specific signal',
  description: 'Sends SIGKILL, or the signal of --signal, to the main process of each container.',
  usage: '[options] CONTAINER [CONTAINER...]',
  examples: ['{} mywebserver', '{} --signal TERM ctrID'],
  flags: {
    all: allFlag('Signal all running containers'),
    cidfile: cidfileFlag,
    latest: latestFlag,
    signal: string('Signal to send to the container', { short: 's', default: 'KILL' }),
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const signal = checkSignal(flags.signal)
    const names = await select({ ...flags, args }, engine, {
      all: ({ state }) => state === 'running' || state === 'paused',
    })
    const opened = await engine()
    return each(
      names,
      named(name => opened.containers.kill(name, signal)),
      io,
    )
  },
})
