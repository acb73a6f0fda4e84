import type { PodSummary } from '@libpod/libpod'
import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string, word } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { parseFilters } from '../../options/filters.ts'
import { filterFlag, latestFlag } from '../../options/selection.ts'
import { ago } from '../../print/age.ts'
import { listing } from '../../print/listing.ts'

const orders = ['created', 'id', 'name', 'number', 'status'] as const

export const command = defineCommand({
  summary: 'List pods',
  usage: '[options]',
  aliases: ['ls', 'list'],
  examples: ['{}', '{} --ctr-names', '{} --format "{{.ID}}  {{.Name}} {{.Status}}"'],
  flags: {
    'ctr-ids': bool('Display the container UUIDs. If no-trunc is not set they will be truncated'),
    'ctr-names': bool('Display the container names'),
    'ctr-status': bool('Display the container status'),
    filter: filterFlag,
    format: string('Pretty-print pods to JSON or using a Go template'),
    latest: latestFlag,
    'no-trunc': bool('Do not truncate pod and container IDs'),
    noheading: bool('Do not print headers', { short: 'n' }),
    ns: bool('Display namespace information of the pod'),
    quiet: bool('Print the numeric IDs of the pods only', { short: 'q' }),
    sort: word('Sort output by created, id, name, number, or status', orders, { default: 'created' }),
  },
  args: noArguments,
  templateFields: async () => fieldNames,
  async run({ flags }, io, engine) {
    if (flags.quiet && flags.format !== undefined) throw new UsageError('quiet and format cannot be used together')
    const { pods } = await engine()
    const sorted = (await pods.list(parseFilters(flags.filter))).toSorted(comparisons[flags.sort ?? 'created'])
    const found = flags.latest ? sorted.slice(0, 1) : sorted
    const rows = found.map(pod => rowOf(pod, flags['no-trunc'] ? 'full' : 'short'))
    const containers = [
      ...(flags['ctr-ids'] ? (['ContainerIds'] as const) : []),
      ...(flags['ctr-names'] ? (['ContainerNames'] as const) : []),
      ...(flags['ctr-status'] ? (['ContainerStatuses'] as const) : []),
    ]
    io.out(
      await listing(rows, flags, {
        fields: [
          'ID',
          'Name',
          'Status',
          'Created',
          'InfraID',
          ...containers,
          ...(flags.ns ? (['Cgroup', 'Namespace'] as const) : []),
          ...(containers.length > 0 ? [] : (['NumberOfContainers'] as const)),
        ],
        headings,
        name: 'ps',
        type: 'pods.ListPodReporter',
        quiet: ({ ID }) => ID,
        json: () => found.map(jsonOf),
      }),
    )
    return 0
  },
})

const headings = {
  Namespace: 'NAMESPACES',
  ID: 'POD ID',
  Id: 'POD ID',
  InfraID: 'INFRA ID',
  NumberOfContainers: '# OF CONTAINERS',
  ContainerIds: 'IDS',
  ContainerNames: 'NAMES',
  ContainerStatuses: 'STATUS',
}

const by = (of: (pod: PodSummary) => string) => (one: PodSummary, other: PodSummary) => (of(one) < of(other) ? -1 : 1)
const comparisons = {
  created: (one: PodSummary, other: PodSummary) => other.created - one.created,
  id: by(({ id }) => id),
  name: by(({ name }) => name),
  number: (one: PodSummary, other: PodSummary) => one.containers.length - other.containers.length,
  status: by(({ status }) => status),
}

function rowOf(pod: PodSummary, ids: 'full' | 'short') {
  const cut = (id: string) => (ids === 'full' ? id : id.slice(0, 12))
  return {
    ID: cut(pod.id),
    Id: cut(pod.id),
    Name: pod.name,
    Status: pod.status,
    Created: ago(pod.created),
    InfraID: cut(pod.infraId),
    InfraId: cut(pod.infraId),
    Cgroup: pod.cgroupParent,
    Namespace: '',
    Labels: pod.labels,
    Label: (name: string) => (Object.hasOwn(pod.labels, name) ? pod.labels[name] : ''),
    Networks: pod.networks.join(','),
    Restart: pod.restartPolicy,
    Restarts: String(pod.containers.reduce((total, { restarts }) => total + restarts, 0)),
    NumberOfContainers: pod.containers.length,
    ContainerIds: pod.containers.map(({ id }) => cut(id)).join(','),
    ContainerNames: pod.containers.map(({ name }) => name).join(','),
    ContainerStatuses: pod.containers.map(({ status }) => status).join(','),
  }
}

const jsonOf = (pod: PodSummary) => ({
  Cgroup: pod.cgroupParent,
  Containers: pod.containers.map(({ id, name, status, restarts }) => ({
    Id: id,
    Names: name,
    Status: status,
    RestartCount: restarts,
  })),
  Created: new Date(pod.created).toISOString(),
  Id: pod.id,
  InfraId: pod.infraId,
  Name: pod.name,
  Namespace: '',
  Networks: pod.networks,
  Status: pod.status,
  Labels: pod.labels,
})

/** What templates may ask of a row. */
const fieldNames = [
  'ID',
  'Id',
  'Name',
  'Status',
  'Created',
  'InfraID',
  'InfraId',
  'Cgroup',
  'Namespace',
  'Labels',
  'Networks',
  'Restart',
  'Restarts',
  'NumberOfContainers',
  'ContainerIds',
  'ContainerNames',
  'ContainerStatuses',
] as const
