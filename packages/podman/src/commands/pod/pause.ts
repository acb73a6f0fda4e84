import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { each } from '../../each.ts'
import { selectPods } from '../../options/pod-selection.ts'
import { allFlag, latestFlag } from '../../options/selection.ts'

export const command = defineCommand({
  summary: 'Pause one or more pods',
  description: 'Freezes all processes of pods.',
  usage: '[options] POD [POD...]',
  examples: ['{} podID', '{} --all'],
  flags: { all: allFlag('Pause all running pods'), latest: latestFlag },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const opened = await engine()
    const names = await selectPods({ ...flags, args }, opened)
    const act = async (name: string) => {
      const id = await opened.pods.resolve(name)
      await opened.pods.pause(id)
      return id
    }
    return each(names, act, io)
  },
})
