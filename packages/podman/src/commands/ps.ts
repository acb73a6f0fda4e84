import type { ContainerSummary, Engine } from '@libpod/libpod'
import { noArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool, type FlagValues, int, string, uint } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { parseFilters } from '../options/filters.ts'
import { allFlag, filterFlag, latestFlag } from '../options/selection.ts'
import { columns } from '../print/columns.ts'
import { isJson } from '../print/is-json.ts'
import { headings, type Row, rowOf } from '../ps/row.ts'
import { sorted, sortFlag } from '../ps/sort.ts'
import type { Terminal } from '../terminal.ts'

const flags = {
  all: allFlag('Show all the containers, default is only running containers'),
  external: bool('Show containers in storage not controlled by Podman'),
  filter: filterFlag,
  format: string('Pretty-print containers to JSON or using a Go template'),
  last: int('Print the n last created containers (all states)', { short: 'n', default: -1 }),
  latest: latestFlag,
  'no-trunc': bool('Display the extended information'),
  noheading: bool('Do not print headers'),
  ns: bool('Display namespace information'),
  pod: bool('Print the ID and name of the pod the containers are associated with', { short: 'p' }),
  quiet: bool('Print the numeric IDs of the containers only', { short: 'q' }),
  size: bool('Display the total file sizes', { short: 's' }),
  sort: sortFlag,
  sync: bool('Sync container state with OCI runtime'),
  watch: uint('Watch the ps output on an interval in seconds', { short: 'w' }),
}

type Values = FlagValues<typeof flags>

export const command = defineCommand({
  summary: 'List containers',
  description: 'Prints out information about the containers',
  usage: '[options]',
  examples: ['{} -a', '{} -a --format "{{.ID}}  {{.Image}}  {{.Labels}}  {{.Mounts}}"', '{} --size --sort names'],
  flags,
  args: noArguments,
  templateFields: async () => fieldNames,
  async run({ flags: values }, io, engine) {
    check(values)
    const opened = await engine()
    for (;;) {
      const text = await page(values, opened)
      if (values.watch) io.out('\x1b[2J\x1b[H')
      io.out(text)
      if (!values.watch || !(await pause(values.watch, io))) return 0
    }
  },
})

function check(values: Values): void {
  if (values.latest && values.last >= 0) throw new UsageError('last and latest are mutually exclusive')
  if (values.quiet && (values.size || values.ns)) throw new UsageError('quiet conflicts with size and namespace')
  if (values.size && values.ns) throw new UsageError('size and namespace options conflict')
  if (values.watch && values.latest) throw new UsageError('the watch and latest flags cannot be used together')
}

/** Waits; false when the user has had enough. */
async function pause(seconds: number, io: Terminal): Promise<boolean> {
  const { interrupted } = io
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, seconds * 1000)
    interrupted.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
  return !interrupted.aborted
}

async function page(values: Values, engine: Engine): Promise<string> {
  const found = sorted(await list(values, engine), values.sort ?? 'created')
  const now = Date.now()
  if (isJson(values.format)) return jsonPage(found, now)
  const rows = found.map(container => rowOf(container, { ids: values['no-trunc'] ? 'full' : 'short', now }))
  if (values.quiet && values.format === undefined) return rows.map(({ ID }) => `${ID}\n`).join('')
  if (values.format === undefined) return table(rows, values)
  const { formatRows } = await import('../print/format.ts')
  return formatRows(values.format, rows, {
    name: 'ps',
    type: 'containers.psReporter',
    headings,
    noheading: values.noheading,
    json: await jsonRows(found, now),
  })
}

async function jsonPage(found: readonly ContainerSummary[], now: number): Promise<string> {
  return `${JSON.stringify(await jsonRows(found, now), undefined, 2)}\n`
}

async function jsonRows(found: readonly ContainerSummary[], now: number) {
  const { jsonOf } = await import('../ps/json.ts')
  return found.map(container => jsonOf(container, now))
}

async function list(values: Values, { containers }: Engine): Promise<readonly ContainerSummary[]> {
  const filters = parseFilters(values.filter)
  const last = values.latest ? 1 : values.last
  const size = values.size || /\.Size\b/.test(values.format ?? '')
  const all = values.all || 'status' in filters || last > 0
  return containers.list({
    which: all ? 'all' : 'running',
    ...(values.filter.length > 0 ? { filters } : {}),
    ...(size ? { size: 'yes' } : {}),
    ...(values.external ? { external: 'yes' } : {}),
    ...(last > 0 ? { last } : {}),
    ...(values.ns || namesNamespace.test(values.format ?? '') ? { namespaces: 'yes' } : {}),
  })
}

/** What asks for identifiers of namespaces, which are read from /proc. */
const namesNamespace = /\.(?:Namespaces|Cgroup|CGROUPNS|IPC|MNT|NET|PIDNS|User|USERNS|UTS)\b/

const usual = ['ID', 'Image', 'Command', 'CreatedHuman', 'Status', 'Ports', 'Names'] as const
const withNamespaces = ['ID', 'Names', 'Pid', 'CGROUPNS', 'IPC', 'MNT', 'NET', 'PIDNS', 'USERNS', 'UTS'] as const

function table(rows: readonly Row[], values: Values): string {
  const fields: (keyof Row)[] = values.ns ? [...withNamespaces] : [...usual]
  if (values.pod && !values.ns) fields.push('Pod', 'PodName')
  if (values.size) fields.push('Size')
  const head = fields.map(field => headings[field] ?? field.toUpperCase())
  const cells = rows.map(row => fields.map(field => String(row[field])))
  return columns(values.noheading ? cells : [head, ...cells])
}

/** What templates may ask of a row. */
const fieldNames = [
  'ID',
  'Image',
  'ImageID',
  'Command',
  'Created',
  'CreatedAt',
  'CreatedHuman',
  'RunningFor',
  'Status',
  'State',
  'Ports',
  'ExposedPorts',
  'Names',
  'Labels',
  'Mounts',
  'Networks',
  'Pid',
  'Pod',
  'PodName',
  'Size',
  'AutoRemove',
  'IsInfra',
  'Exited',
  'ExitCode',
  'ExitedAt',
  'StartedAt',
  'Restarts',
  'CIDFile',
  'CGROUPNS',
  'IPC',
  'MNT',
  'NET',
  'PIDNS',
  'USERNS',
  'UTS',
  'Cgroup',
  'User',
  'Namespaces',
] as const
