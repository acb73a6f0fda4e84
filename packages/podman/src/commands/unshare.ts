import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { runInstead } from '../run-instead.ts'

export const command = defineCommand({
  summary: 'Run a command in a modified user namespace',
  description:
    'Runs a command, or the shell, in the user namespace in which the containers of a plain user are: where that user is root.',
  usage: '[options] [COMMAND [ARG...]]',
  examples: ['{} id', '{} cat /proc/self/uid_map', '{} podman mount ctrID'],
  flags: { 'rootless-netns': bool('Join the rootless network namespace used for CNI and netavark networking') },
  args: anyArguments,
  flagsStand: 'before',
  async run({ flags, args }, io, engine) {
    const { options } = await engine()
    if (options.rootless === 'no') throw new UsageError('please use unshare with rootless')
    if (flags['rootless-netns'])
      throw new UsageError('--rootless-netns: there is no such namespace, for a plain user cannot make bridges here')
    const words = args.length > 0 || io.env.SHELL === undefined ? args : [io.env.SHELL]
    if (words.length === 0) throw new UsageError('no command specified and no $SHELL specified')
    return runInstead(words, { ...io.env, CONTAINERS_GRAPHROOT: options.root, CONTAINERS_RUNROOT: options.runRoot })
  },
})
