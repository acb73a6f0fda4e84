import { LibpodError } from '../errors.ts'
import type { IdRange } from '../plan/id-ranges.ts'

/** A user's own id, and those that subuid(5) or subgid(5) lends. */
export interface LentIds {
  readonly own: number
  readonly ranges: readonly IdRange[]
  /** The file that lends, for words about it. */
  readonly file: string
}

/**
 * The words of newuidmap(1) after the pid: the user is root, the lent ids follow from 1 on, the lowest first. Pure.
 * @throws LibpodError ROOTLESS_UNAVAILABLE when the user's own id is among the lent ones
 */
export function mapArguments({ own, ranges, file }: LentIds): readonly string[] {
  const sorted = [...ranges].sort((a, b) => a.first - b.first)
  const rows: (readonly [number, number, number])[] = [[0, own, 1]]
  for (const { first, size } of sorted) {
    if (own >= first && own < first + size)
      throw new LibpodError(
        'ROOTLESS_UNAVAILABLE',
        `invalid configuration: the specified mapping ${first}:${size} in "${file}" includes the user ${file === '/etc/subuid' ? 'UID' : 'GID'}`,
        { subject: file },
      )
    const [inside, , count] = rows.at(-1) ?? [0, 0, 1]
    rows.push([inside + count, first, size])
  }
  return rows.flat().map(String)
}
