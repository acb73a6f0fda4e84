import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { each } from '../../each.ts'
import { codeOf } from '../../exit-codes.ts'
import { allFlag, latestFlag, select } from '../../options/selection.ts'

export const command = defineCommand({
  summary: 'Reload firewall rules for one or more containers',
  description: 'Sets the networks of running containers up anew, after something else changed the firewall.',
  usage: '[options] [CONTAINER...]',
  examples: ['{} 3c13ef6dd843', '{} --all'],
  flags: { all: allFlag('Reload network configuration of all containers'), latest: latestFlag },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const names = await select({ ...flags, args }, engine, {
      unknown: 'leave',
      all: ({ state }) => state === 'running',
    })
    const { networks, containers } = await engine()
    const reload = async (name: string) => {
      await networks.reload(name)
      return containers.resolve(name)
    }
    // With all, those that have no network of their own are passed over.
    return each(names, reload, io, { forgive: error => flags.all && codeOf(error) === 'CONTAINER_STATE' })
  },
})
