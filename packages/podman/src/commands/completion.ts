import { writeFileSync } from 'node:fs'
import { exactly } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool, string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'

export const command = defineCommand({
  summary: 'Generate the autocompletion script for the specified shell',
  description:
    'Prints a script for the shell to read, which asks this program what a word may become.\nSupported shells are bash, zsh and fish.',
  usage: '[options] SHELL',
  examples: ['{} bash', '{} zsh -f _podman', '{} fish --no-desc'],
  userNamespace: 'none',
  flags: {
    file: string('Output the completion to file rather than stdout.', { short: 'f' }),
    'no-desc': bool("Don't include descriptions in the completion output."),
  },
  args: exactly(1),
  async run({ flags, args: [shell = ''] }, io) {
    const { scripts } = await import('../complete/scripts.ts')
    const script = Object.hasOwn(scripts, shell) ? scripts[shell as keyof typeof scripts] : undefined
    if (!script) throw new UsageError(`invalid argument ${JSON.stringify(shell)} for "podman completion"`)
    const text = script(flags['no-desc'] ? '__completeNoDesc' : '__complete')
    if (flags.file === undefined) io.out(text)
    else writeFileSync(flags.file, text)
    return 0
  },
})
