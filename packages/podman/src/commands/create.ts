import { atLeast } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool } from '../cli/flag.ts'
import { createContainer, refuseTerminal } from '../create.ts'
import { attachFlag, streamsOf } from '../options/attach.ts'
import { containerFlags, containerSpec, thisCaller } from '../options/container.ts'

export const command = defineCommand({
  summary: 'Create but do not start a container',
  description: 'Prepares a container from an image for a command and prints its id. Start it with `podman start`.',
  usage: '[options] IMAGE [COMMAND [ARG...]]',
  examples: ['{} alpine ls', '{} --annotation HELLO=WORLD alpine ls', '{} -t -i --name myctr alpine ls'],
  flags: {
    ...containerFlags,
    attach: attachFlag,
    quiet: bool('Suppress output information when pulling images', { short: 'q' }),
  },
  args: atLeast(1),
  flagsStand: 'before',
  async run({ flags, args }, io, engine) {
    streamsOf(flags.attach, flags.interactive)
    refuseTerminal(flags, io)
    const spec = containerSpec(flags, args, thisCaller())
    const id = await createContainer(spec, flags, { engine: await engine(), io })
    if (!flags['log-driver']?.startsWith('passthrough')) io.out(`${id}\n`)
    return 0
  },
})
