import type { ContainerSummary } from '@libpod/libpod'
import { word } from '../cli/flag.ts'

const keys = {
  command: (a: ContainerSummary, b: ContainerSummary) => compare(a.command.join(' '), b.command.join(' ')),
  created: (a: ContainerSummary, b: ContainerSummary) => a.created - b.created,
  id: (a: ContainerSummary, b: ContainerSummary) => compare(a.id, b.id),
  image: (a: ContainerSummary, b: ContainerSummary) => compare(a.image, b.image),
  names: (a: ContainerSummary, b: ContainerSummary) => compare(a.names[0] ?? '', b.names[0] ?? ''),
  runningfor: (a: ContainerSummary, b: ContainerSummary) => (a.startedAt ?? 0) - (b.startedAt ?? 0),
  size: (a: ContainerSummary, b: ContainerSummary) => (a.size?.rootFs ?? 0) - (b.size?.rootFs ?? 0),
  status: (a: ContainerSummary, b: ContainerSummary) => compare(a.state, b.state),
}

type SortKey = keyof typeof keys

export const sortFlag = word(
  'Sort output by: command, created, id, image, names, runningfor, size, status',
  Object.keys(keys) as SortKey[],
  { label: 'choice' },
)

/** Ascending by the key; containers that are equal keep their order. */
export const sorted = (containers: readonly ContainerSummary[], key: SortKey) => [...containers].sort(keys[key])

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
