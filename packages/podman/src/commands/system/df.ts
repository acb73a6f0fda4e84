import type { DiskUsage } from '@libpod/libpod'
import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { humanDuration } from '../../print/age.ts'
import { columns } from '../../print/columns.ts'
import { listing } from '../../print/listing.ts'
import { humanSize } from '../../print/size.ts'

export const command = defineCommand({
  summary: 'Show podman disk usage',
  description: 'Shows what images, containers and volumes take on disk, and how much of it could be freed.',
  usage: '[options]',
  examples: ['{}', '{} --verbose'],
  flags: {
    format: string('Pretty-print using JSON or a Go template'),
    verbose: bool('Show detailed information on disk usage', { short: 'v' }),
  },
  args: noArguments,
  templateFields: async () => fieldNames,
  async run({ flags }, io, engine) {
    if (flags.verbose && flags.format) throw new UsageError('cannot combine --format and --verbose flags')
    const { system } = await engine()
    const usage = await system.diskUsage({ signal: io.interrupted })
    if (flags.verbose) {
      io.out(detailed(usage))
      return 0
    }
    const rows = summary(usage)
    io.out(
      await listing(rows, flags, {
        fields: ['Type', 'Total', 'Active', 'Size', 'Reclaimable'],
        headings: {},
        name: 'df',
        type: 'system.dfSummary',
        quiet: ({ Type }) => Type,
        json: () => rows.map(({ Size, Reclaimable, ...row }) => ({ ...row, Size, Reclaimable })),
      }),
    )
    return 0
  },
})

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0)

function summary({ images, containers, volumes, imagesSize }: DiskUsage) {
  const ids = new Map(images.map(image => [image.id, image]))
  const used = [...ids.values()].filter(image => image.containers > 0)
  const running = containers.filter(({ state }) => state === 'running')
  const linked = volumes.filter(({ links }) => links > 0)
  const freeable = imagesSize - sum(used.map(({ uniqueSize }) => uniqueSize))
  return [
    row('Images', images.length, { active: used.length, size: imagesSize, free: Math.max(0, freeable) }),
    row('Containers', containers.length, {
      active: running.length,
      size: sum(containers.map(({ rwSize }) => rwSize)),
      free: sum(containers.filter(one => !running.includes(one)).map(({ rwSize }) => rwSize)),
    }),
    row('Local Volumes', volumes.length, {
      active: linked.length,
      size: sum(volumes.map(({ size }) => size)),
      free: sum(volumes.map(({ reclaimable }) => reclaimable)),
    }),
  ]
}

interface Figures {
  readonly active: number
  readonly size: number
  readonly free: number
}

function row(type: string, total: number, { active, size, free }: Figures) {
  const percent = size > 0 ? Math.round((free / size) * 100) : 0
  return {
    Type: type,
    Total: total,
    Active: active,
    RawSize: size,
    RawReclaimable: free,
    TotalCount: total,
    Size: humanSize(size),
    Reclaimable: `${humanSize(free)} (${percent}%)`,
  }
}

function detailed({ images, containers, volumes }: DiskUsage): string {
  const now = Date.now()
  const age = (time: number) => humanDuration(now - time)
  const imageRows = images.map(one => [
    one.repository,
    one.tag,
    one.id.slice(0, 12),
    age(one.created),
    ...[one.size, one.sharedSize, one.uniqueSize].map(size => humanSize(size)),
    String(one.containers),
  ])
  const containerRows = containers.map(one => [
    one.id.slice(0, 12),
    one.image.slice(0, 12),
    one.command.join(' '),
    String(one.localVolumes),
    humanSize(one.rwSize),
    age(one.created),
    one.state,
    one.name,
  ])
  const volumeRows = volumes.map(one => [one.name, String(one.links), humanSize(one.size)])
  return [
    'Images space usage:\n\n',
    columns([
      ['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE', 'SHARED SIZE', 'UNIQUE SIZE', 'CONTAINERS'],
      ...imageRows,
    ]),
    '\nContainers space usage:\n\n',
    columns([
      ['CONTAINER ID', 'IMAGE', 'COMMAND', 'LOCAL VOLUMES', 'SIZE', 'CREATED', 'STATUS', 'NAMES'],
      ...containerRows,
    ]),
    '\nLocal Volumes space usage:\n\n',
    columns([['VOLUME NAME', 'LINKS', 'SIZE'], ...volumeRows]),
  ].join('')
}

/** What templates may ask of a row. */
const fieldNames = [
  'Type',
  'Total',
  'Active',
  'RawSize',
  'RawReclaimable',
  'TotalCount',
  'Size',
  'Reclaimable',
] as const
