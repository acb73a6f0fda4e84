import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { confirm } from '../../confirm.ts'
import { pruned } from '../../pruned.ts'

export const command = defineCommand({
  summary: 'Remove all stopped pods and their containers',
  usage: '[options]',
  examples: ['{}'],
  flags: { force: bool('Do not prompt for confirmation.  The default is false', { short: 'f' }) },
  args: noArguments,
  async run({ flags }, io, engine) {
    if (!flags.force && !(await confirm('WARNING! This will remove all stopped/exited pods..', io))) return 0
    const { pods } = await engine()
    return pruned(await pods.prune({ signal: io.interrupted }), io)
  },
})
