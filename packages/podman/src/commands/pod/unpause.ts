import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { each } from '../../each.ts'
import { selectPods } from '../../options/pod-selection.ts'
import { allFlag, latestFlag } from '../../options/selection.ts'

export const command = defineCommand({
  summary: 'Unpause one or more pods',
  description: 'Lets the processes of paused pods go on.',
  usage: '[options] POD [POD...]',
  examples: ['{} podID', '{} --all'],
  flags: { all: allFlag('Unpause all paused pods'), latest: latestFlag },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const opened = await engine()
    const names = await selectPods({ ...flags, args }, opened, { all: ({ status }) => status === 'Paused' })
    const act = async (name: string) => {
      const id = await opened.pods.resolve(name)
      await opened.pods.unpause(id)
      return id
    }
    return each(names, act, io)
  },
})
