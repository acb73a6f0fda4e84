import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { each } from '../../each.ts'
import { podIdFileFlag, selectPods } from '../../options/pod-selection.ts'
import { allFlag, latestFlag } from '../../options/selection.ts'

export const command = defineCommand({
  summary: 'Start one or more pods',
  description: 'Starts all containers of pods.',
  usage: '[options] POD [POD...]',
  examples: ['{} podID', '{} --all'],
  flags: { all: allFlag('Start all pods'), latest: latestFlag, 'pod-id-file': podIdFileFlag },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const opened = await engine()
    const start = async (name: string) => {
      const id = await opened.pods.resolve(name)
      await opened.pods.start(id, { signal: io.interrupted })
      return String((await opened.pods.inspect(id)).Name)
    }
    return each(await selectPods({ ...flags, args }, opened), start, io)
  },
})
