import type { ImageSummary } from '@libpod/libpod'

export const sortKeys = ['created', 'id', 'repository', 'size', 'tag'] as const
export type SortKey = (typeof sortKeys)[number]

const tagOf = (name: string) => /:([^/:]+)$/.exec(name)?.[1] ?? ''
const text = (of: (image: ImageSummary) => string) => (one: ImageSummary, other: ImageSummary) =>
  of(one) < of(other) ? -1 : of(one) > of(other) ? 1 : 0

const orders: Readonly<Record<SortKey, (one: ImageSummary, other: ImageSummary) => number>> = {
  created: (one, other) => other.created - one.created,
  size: (one, other) => one.size - other.size,
  id: text(({ id }) => id),
  repository: text(({ names: [first = ''] }) => first),
  tag: text(({ names: [first = ''] }) => tagOf(first)),
}

/** Newest first by creation; the others in rising order. */
export const sorted = (images: readonly ImageSummary[], by: SortKey): readonly ImageSummary[] =>
  images.toSorted(orders[by])
