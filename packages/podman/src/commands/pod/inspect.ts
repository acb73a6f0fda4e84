import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { string } from '../../cli/flag.ts'
import { inspectEach } from '../../inspect.ts'
import { selectPods } from '../../options/pod-selection.ts'
import { latestFlag } from '../../options/selection.ts'

export const command = defineCommand({
  summary: 'Display a pod configuration',
  description: 'Displays the configuration of pods by name or id.',
  usage: '[options] POD [POD...]',
  examples: ['{} podID'],
  flags: {
    format: string('Format the output to a Go template or json', { short: 'f', default: 'json' }),
    latest: latestFlag,
  },
  args: anyArguments,
  templateFields: async () => (await import('../../shapes/pod.ts')).podShape,
  async run({ flags, args }, io, engine) {
    const opened = await engine()
    const names = await selectPods({ ...flags, args }, opened, { unknown: 'leave' })
    return inspectEach(names, async name => ({ kind: 'pod', object: await opened.pods.inspect(name) }), io, {
      format: flags.format,
      indent: 5,
    })
  },
})
