import type { ContainerStats, Engine } from '@libpod/libpod'
import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool, type FlagValues, int, string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { codeOf } from '../exit-codes.ts'
import { allFlag, latestContainer, latestFlag } from '../options/selection.ts'
import { columns } from '../print/columns.ts'
import { isJson } from '../print/is-json.ts'
import { showRepeatedly } from '../print/repeatedly.ts'
import { statsHeadings, statsRow } from '../print/stats.ts'

const flags = {
  all: allFlag('Show all containers. Only running containers are shown by default. The default is false'),
  format: string('Pretty-print container statistics to JSON or using a Go template'),
  interval: int('Time in seconds between stats reports', { short: 'i', default: 5 }),
  latest: latestFlag,
  'no-reset': bool('Disable resetting the screen between intervals'),
  'no-stream': bool('Disable streaming stats and only pull the first result, default setting is false'),
  'no-trunc': bool('Do not truncate output'),
}

type Values = FlagValues<typeof flags>

export const command = defineCommand({
  summary: 'Display a live stream of container resource usage statistics',
  description: 'Shows processor, memory, network and block device use of running containers.',
  usage: '[options] [CONTAINER...]',
  examples: [
    '{} --all --no-stream',
    '{} ctrID',
    '{} --no-stream --format "table {{.ID}} {{.Name}} {{.MemUsage}}" ctrID',
  ],
  flags,
  args: anyArguments,
  templateFields: async () => fieldNames,
  async run({ flags: values, args }, io, engine) {
    if ([values.all, values.latest, args.length > 0].filter(Boolean).length > 1)
      throw new UsageError('--all, --latest and containers cannot be used together')
    if (values.interval < 1) throw new UsageError('invalid interval, must be a positive number greater zero')
    const opened = await engine()
    const { interrupted } = io
    await showRepeatedly(
      async () => page(await statsOf(opened, await chosen(values, args, opened), interrupted), values),
      {
        times: values['no-stream'] ? 'once' : 'until-interrupted',
        seconds: values.interval,
        screen: values['no-reset'] ? 'kept' : 'cleared',
      },
      io,
    )
    return 0
  },
})

interface Chosen {
  readonly names: readonly string[]
  /** Those asked for by name must be there and have a control group. */
  readonly unfit: 'refuse' | 'skip'
}

async function chosen(values: Values, args: readonly string[], engine: Engine): Promise<Chosen> {
  if (values.latest) return { names: [await latestContainer(engine)], unfit: 'refuse' }
  if (args.length > 0) return { names: args, unfit: 'refuse' }
  const found = await engine.containers.list({ which: values.all ? 'all' : 'running' })
  return { names: found.map(({ id }) => id), unfit: 'skip' }
}

async function statsOf(
  { containers }: Engine,
  { names, unfit }: Chosen,
  signal: AbortSignal,
): Promise<readonly ContainerStats[]> {
  if (unfit === 'refuse') return containers.stats(names, { signal })
  const each = names.map(name =>
    containers.stats([name], { signal }).catch((error: unknown) => {
      if (['CONTAINER_UNKNOWN', 'CONTAINER_STATE'].includes(codeOf(error) ?? '')) return []
      throw error
    }),
  )
  return (await Promise.all(each)).flat()
}

const usual = ['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs', 'CPUTime', 'AVGCPU'] as const

async function page(stats: readonly ContainerStats[], values: Values): Promise<string> {
  const rows = stats.map(one => statsRow(one, values['no-trunc'] ? 'full' : 'short'))
  if (isJson(values.format)) {
    const { statsJson } = await import('../print/stats.ts')
    return `${JSON.stringify(rows.map(statsJson), undefined, 1)}\n`
  }
  if (values.format !== undefined) {
    const [{ formatRows }, { statsFigures }] = await Promise.all([
      import('../print/format.ts'),
      import('../print/stats.ts'),
    ])
    return formatRows(values.format, rows, {
      name: 'stats',
      type: 'containers.containerStats',
      headings: statsHeadings,
      json: stats.map(statsFigures),
    })
  }
  return columns([
    usual.map(field => statsHeadings[field] ?? field),
    ...rows.map(row => usual.map(field => String(row[field]))),
  ])
}

/** What templates may ask of a row. */
const fieldNames = [
  'ID',
  'ContainerID',
  'Name',
  'CPU',
  'CPUPerc',
  'CPUNano',
  'Duration',
  'CPUSystemNano',
  'SystemNano',
  'AvgCPU',
  'AVGCPU',
  'CPUTime',
  'Up',
  'UpTime',
  'MemUsage',
  'MemUsageBytes',
  'MemLimit',
  'MemPerc',
  'NetIO',
  'Network',
  'BlockInput',
  'BlockOutput',
  'BlockIO',
  'PIDs',
  'PIDS',
  'PerCPU',
] as const
