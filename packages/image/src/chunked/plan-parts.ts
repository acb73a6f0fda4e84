import type { Digest } from '../digest.ts'
import type { Stretch } from './positions.ts'
import type { Toc, TocChunk, TocMember } from './read-toc.ts'

/** Frames nearer to one another than this are fetched in one go, with what lies between, in bytes. */
const nearEnough = 2048

/** Where a chunk's bytes come from: content that is there already, zeros, or frames among what is fetched. */
export type ChunkSource =
  | { readonly kind: 'held'; readonly digest: Digest; readonly offset: number }
  | { readonly kind: 'zeros' }
  | { readonly kind: 'fetched'; readonly from: number; readonly to: number }

export interface PlannedChunk {
  readonly chunk: TocChunk
  readonly source: ChunkSource
}

export interface PlannedMember {
  readonly member: TocMember
  readonly chunks: readonly PlannedChunk[]
}

/** How a layer is put together. Offsets of what is fetched count from the first stretch's beginning, gaps left out. */
export interface PartsPlan {
  readonly members: readonly PlannedMember[]
  readonly stretches: readonly Stretch[]
  /** Bytes of files that need not be fetched, zeros left out. */
  readonly reused: number
}

/** Every content that a table speaks of: what to look for. */
export function contentsOf({ members }: Toc): ReadonlySet<Digest> {
  const digests = members.flatMap(({ entry, chunks }) => [
    ...(chunks.length > 0 && entry.digest !== undefined ? [entry.digest as Digest] : []),
    ...chunks.flatMap(chunk => (chunk.frames === undefined ? [] : [chunk.digest])),
  ])
  return new Set(digests)
}

/** Decides what is taken from where: a whole file that is held, else each chunk that is, else frames of the blob. */
export function planParts(toc: Toc, held: { has(digest: Digest): boolean }): PartsPlan {
  const fetches = new Fetches()
  let reused = 0
  const members = toc.members.map(member => {
    const digest = member.entry.digest as Digest | undefined
    const whole = digest !== undefined && member.chunks.length > 0 && held.has(digest) ? digest : undefined
    const chunks = member.chunks.map((chunk): PlannedChunk => {
      const source = sourceOf(chunk, whole, held) ?? fetches.add(chunk)
      if (source.kind === 'held') reused += chunk.size
      return { chunk, source }
    })
    return { member, chunks }
  })
  return { members, stretches: fetches.stretches, reused }
}

function sourceOf(
  { digest, at, frames }: TocChunk,
  whole: Digest | undefined,
  held: { has(digest: Digest): boolean },
): ChunkSource | undefined {
  if (frames === undefined) return { kind: 'zeros' }
  if (whole !== undefined) return { kind: 'held', digest: whole, offset: at }
  return held.has(digest) ? { kind: 'held', digest, offset: 0 } : undefined
}

/** Gathers frames, which come in the order of the blob, into stretches. */
class Fetches {
  readonly stretches: Stretch[] = []
  /** Bytes of all stretches before the last one. */
  #before = 0

  add({ frames = { from: 0, to: 0 } }: TocChunk): ChunkSource {
    const { from, to } = frames
    const last = this.stretches.at(-1)
    if (last !== undefined && from - (last.offset + last.length) <= nearEnough) {
      this.stretches[this.stretches.length - 1] = { offset: last.offset, length: to - last.offset }
    } else {
      this.#before += last?.length ?? 0
      this.stretches.push({ offset: from, length: to - from })
    }
    const start = this.#before - (this.stretches.at(-1)?.offset ?? 0)
    return { kind: 'fetched', from: start + from, to: start + to }
  }
}
