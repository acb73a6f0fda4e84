import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, duration } from '../../cli/flag.ts'
import { engineFailed } from '../../exit-codes.ts'

export const command = defineCommand({
  summary: 'Check storage consistency',
  description: 'Looks for damaged images, layers and containers in the store, and removes them when told to.',
  usage: '[options]',
  examples: ['{}', '{} --quick', '{} --repair'],
  flags: {
    force: bool('Remove inconsistent images and containers', { short: 'f' }),
    max: duration('Maximum allowed age of unreferenced layers', { short: 'm' }),
    quick: bool('Skip time-consuming checks. The default is to include time-consuming checks', { short: 'q' }),
    repair: bool('Remove inconsistent images', { short: 'r' }),
  },
  args: noArguments,
  async run({ flags }, io, engine) {
    const { system } = await engine()
    const repair = flags.force ? 'lossy' : flags.repair ? 'yes' : 'no'
    const damages = await system.check({
      repair,
      quick: flags.quick ? 'yes' : 'no',
      ...defined({ maxAgeMs: flags.max === undefined ? undefined : flags.max / 1e6 }),
      signal: io.interrupted,
    })
    for (const damage of damages) io.out(`${damage}\n`)
    if (damages.length === 0 || repair !== 'no') return 0
    io.err('Error: damage detected in local storage\n')
    return engineFailed
  },
})
