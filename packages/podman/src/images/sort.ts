import type { ImageSummary } from '@libpod/libpod'
import type { Row } from './row.ts'

export const sortKeys = ['created', 'id', 'repository', 'size', 'tag'] as const
export type SortKey = (typeof sortKeys)[number]

const byText =
  <T>(of: (one: T) => string) =>
  (one: T, other: T): number => {
    const [a, b] = [of(one), of(other)]
    return a < b ? -1 : a > b ? 1 : 0
  }

const imageOrders: Readonly<Record<SortKey, (one: ImageSummary, other: ImageSummary) => number>> = {
  created: (one, other) => other.created - one.created,
  size: (one, other) => one.size - other.size,
  id: byText(({ id }) => id),
  repository: byText(({ names: [first = ''] }) => first),
  tag: byText(({ names: [first = ''] }) => /:([^/:]+)$/.exec(first)?.[1] ?? ''),
}

/** Newest first by creation; the others in rising order. */
export const sortedImages = (images: readonly ImageSummary[], by: SortKey): readonly ImageSummary[] =>
  images.toSorted(imageOrders[by])

/** Orders of names, which an image may have several of; by the rest the rows stay as they are. */
export function sortedRows(rows: readonly Row[], by: SortKey): readonly Row[] {
  if (by === 'repository') return rows.toSorted(byText(({ Repository, Tag }) => `${Repository}\0${Tag}`))
  return by === 'tag' ? rows.toSorted(byText(({ Tag }) => Tag)) : rows
}
