import type { Engine, PodContainerStats } from '@libpod/libpod'
import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { codeOf, ExitStatus, engineFailed, wording } from '../../exit-codes.ts'
import { latestPod } from '../../options/pod-selection.ts'
import { allFlag, latestFlag } from '../../options/selection.ts'
import { columns } from '../../print/columns.ts'
import { isJson } from '../../print/is-json.ts'
import { showRepeatedly } from '../../print/repeatedly.ts'
import { podStatsRow } from '../../print/stats.ts'

export const command = defineCommand({
  summary: 'Display a live stream of resource usage statistics for the containers in one or more pods',
  description: 'Shows processor, memory, network and block device use of the running containers of pods.',
  usage: '[options] [POD...]',
  examples: ['{}', '{} a69b23034235 named-pod', '{} --all'],
  flags: {
    all: allFlag('Provide stats for all pods'),
    format: string('Pretty-print container statistics to JSON or using a Go template'),
    latest: latestFlag,
    'no-reset': bool('Disable resetting the screen when streaming'),
    'no-stream': bool('Disable streaming stats and only pull the first result'),
  },
  args: anyArguments,
  templateFields: async () => [...fields, 'MemUsageBytes'],
  async run({ flags, args }, io, engine) {
    if ([flags.all, flags.latest, args.length > 0].filter(Boolean).length > 1)
      throw new UsageError('--all, --latest and arguments cannot be used together')
    const opened = await engine()
    const names = async () => (flags.latest ? [await latestPod(opened)] : args.length > 0 ? args : undefined)
    await showRepeatedly(
      async () => page(await statsOf(opened, await names()), flags.format),
      {
        times: flags['no-stream'] ? 'once' : 'until-interrupted',
        seconds: 1,
        screen: flags['no-reset'] ? 'kept' : 'cleared',
      },
      io,
    )
    return 0
  },
})

function statsOf({ pods }: Engine, names: readonly string[] | undefined): Promise<readonly PodContainerStats[]> {
  return pods.stats(names).catch((error: unknown) => {
    if (codeOf(error) !== 'POD_UNKNOWN') throw error
    throw new ExitStatus(engineFailed, `unable to get list of pods: ${wording(error)}`)
  })
}

const fields = ['Pod', 'CID', 'Name', 'CPU', 'MemUsage', 'Mem', 'NetIO', 'BlockIO', 'PIDS'] as const

const headings = {
  CPU: 'CPU %',
  Mem: 'MEM %',
  MemUsage: 'MEM USAGE/ LIMIT',
  NetIO: 'NET IO',
  BlockIO: 'BLOCK IO',
}

/** As Podman has them: only the plain table says what part of the memory it is. */
const templateHeadings = { ...headings, Mem: 'MEM', MemUsageBytes: headings.MemUsage }

async function page(stats: readonly PodContainerStats[], format: string | undefined): Promise<string> {
  const rows = stats.map(podStatsRow)
  if (isJson(format)) return `${JSON.stringify(rows, undefined, 5)}\n`
  if (format !== undefined) {
    if (rows.length === 0) return ''
    const { formatRows } = await import('../../print/format.ts')
    return formatRows(format, rows, { name: 'stats', type: '*types.PodStatsReport', headings: templateHeadings })
  }
  const heads: Readonly<Record<string, string>> = headings
  return columns([
    fields.map(field => heads[field] ?? field.toUpperCase()),
    ...(rows.length > 0 ? rows.map(row => fields.map(field => row[field])) : [fields.map(() => '--')]),
  ])
}
