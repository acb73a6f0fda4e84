import { between } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { thisCaller } from '../../options/container.ts'
import { pod } from '../../options/pod.ts'

export const command = defineCommand({
  summary: 'Clone an existing pod',
  description: 'Creates a pod like one that exists, with a container like each of that one’s.',
  usage: '[options] POD [NAME]',
  examples: ['{} pod_name new_name'],
  flags: {
    ...pod.flags,
    destroy: bool('destroy the original pod'),
    start: bool('start the new pod'),
  },
  args: between(1, 2),
  async run({ flags, args: [original = '', argument] }, io, engine) {
    const change = pod.toSpec(flags, thisCaller())
    const { pods } = await engine()
    const of = await pods.resolve(original)
    const call = { signal: io.interrupted }
    const { id, warnings } = await pods.clone(of, argument ? { ...change, name: argument } : change, call)
    for (const warning of warnings) io.warn(warning)
    try {
      // The original goes when its like is there, and not before.
      if (flags.destroy) await pods.remove(of, { running: 'kill', ...call })
      if (flags.start) await pods.start(id, call)
    } catch (error) {
      io.out(`pod ${id} created but error after creation\n`)
      throw error
    }
    io.out(`${id}\n`)
    return 0
  },
})
