import type { CheckReport } from '@libpod/libpod'
import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, duration } from '../../cli/flag.ts'
import { ExitStatus, engineFailed } from '../../exit-codes.ts'

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
    const options = {
      quick: flags.quick ? 'yes' : 'no',
      ...defined({ maxAgeMs: flags.max === undefined ? undefined : flags.max / 1e6 }),
      signal: io.interrupted,
    } as const
    const report = await system.check({ ...options, repair })
    io.out(reportText(report))
    if (report.damages.length === 0) return 0
    if (repair === 'no') throw new ExitStatus(engineFailed, 'damage detected in local storage')
    const { damages } = await system.check({ ...options, repair: 'no' })
    if (damages.length === 0) return 0
    throw new ExitStatus(engineFailed, 'damage in local storage still present after repair attempt')
  },
})

function reportText({ damages, removedImages, removedContainers }: CheckReport): string {
  const damaged = (['records file', 'layer', 'image', 'container'] as const).flatMap(about => {
    const ids = [...new Set(damages.filter(each => each.about === about).map(each => each.id))]
    return ids.map(id => {
      const texts = damages.filter(each => each.about === about && each.id === id).map(each => each.text)
      return `Damaged ${about} ${id}:\n${errorList(texts)}`
    })
  })
  return [
    ...damaged,
    ...removedImages.map(id => `Deleted damaged image: ${id}\n`),
    ...removedContainers.map(id => `Deleted damaged container: ${id}\n`),
  ].join('')
}

const errorList = (texts: readonly string[]): string =>
  `${texts.length} error${texts.length === 1 ? '' : 's'} occurred:\n${texts.map(each => `\t* ${each}\n`).join('')}\n`
