import { cwd } from 'node:process'
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
    const { options, networks } = await engine()
    if (options.rootless === 'no') throw new UsageError('please use unshare with rootless')
    const words = args.length > 0 || io.env.SHELL === undefined ? args : [io.env.SHELL]
    if (words.length === 0) throw new UsageError('no command specified and no $SHELL specified')
    const env = { ...io.env, CONTAINERS_GRAPHROOT: options.root, CONTAINERS_RUNROOT: options.runRoot }
    if (!flags['rootless-netns']) return runInstead(words, env)
    await using namespace = await networks.openNamespace()
    return await runInstead([...namespace.words, `--wdns=${cwd()}`, '--', ...words], env)
  },
})
