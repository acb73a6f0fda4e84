import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { confirm } from '../../confirm.ts'

export const command = defineCommand({
  summary: 'Reset podman storage back to default state',
  description: 'Removes all pods, containers, images, networks, volumes and secrets, and the files of the store.',
  usage: '[options]',
  examples: ['{}', '{} --force'],
  flags: { force: bool('Do not prompt for confirmation', { short: 'f' }) },
  args: noArguments,
  async run({ flags }, io, engine) {
    const { system, options } = await engine()
    const places = [options.root, options.runRoot, options.volumePath].map(path => `        - ${path}`).join('\n')
    const text = `WARNING! This will remove:
        - all containers
        - all pods
        - all images
        - all networks
        - all build cache
        - all machines
        - all volumes
        and these directories:
${places}`
    if (!flags.force && !(await confirm(text, io))) return 0
    await system.reset({ signal: io.interrupted, onProgress: ({ message }) => io.warn(message) })
    return 0
  },
})
