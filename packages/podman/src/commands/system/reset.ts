import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { confirm } from '../../confirm.ts'
import { ExitStatus, wording } from '../../exit-codes.ts'
import type { Terminal } from '../../terminal.ts'

/** No answer is an error of another status than elsewhere. Throws ExitStatus. */
const answered = (text: string, io: Terminal): Promise<boolean> =>
  confirm(text, io).catch((error: unknown) => {
    throw new ExitStatus(1, wording(error))
  })

export const command = defineCommand({
  summary: 'Reset podman storage back to default state',
  description: 'Removes all pods, containers, images, networks, volumes and secrets, and the files of the store.',
  usage: '[options]',
  examples: ['{}', '{} --force'],
  flags: { force: bool('Do not prompt for confirmation', { short: 'f' }) },
  args: noArguments,
  async run({ flags }, io, engine) {
    const { system, options } = await engine()
    const text = `WARNING! This will remove:
        - all containers
        - all pods
        - all images
        - all networks
        - all build cache
        - all machines
        - all volumes
        - the graphRoot directory: ${JSON.stringify(options.root)}
        - the runRoot directory: ${JSON.stringify(options.runRoot)}`
    if (!flags.force && !(await answered(text, io))) return 0
    await system.reset({ signal: io.interrupted, onProgress: ({ message }) => io.warn(message) })
    return 0
  },
})
