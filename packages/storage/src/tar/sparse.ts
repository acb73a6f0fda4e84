import { StorageError } from '../errors.ts'
import type { Extent } from './entry.ts'
import { number } from './header.ts'
import { type PaxRecords, parseDecimal } from './pax.ts'

const invalid = (what: string): StorageError => new StorageError('ARCHIVE_INVALID', `not a valid sparse file: ${what}`)

/** Stretches in order, apart, within the file, and as much data as is stored. @throws StorageError ARCHIVE_INVALID */
export function checkExtents(extents: readonly Extent[], size: number, stored: number): void {
  let end = 0
  let sum = 0
  for (const { offset, length } of extents) {
    if (offset < end || !Number.isSafeInteger(offset + length)) throw invalid('its stretches overlap')
    end = offset + length
    sum += length
  }
  if (end > size || sum !== stored) throw invalid('its map does not fit its size')
}

/** Old GNU: `count` pairs of 12-byte numbers; a pair of zeros ends them. */
export function gnuExtents(block: Buffer, start: number, count: number): Extent[] {
  const extents: Extent[] = []
  for (let index = 0; index < count; index++) {
    const at = start + index * 24
    if (block[at] === 0) break
    extents.push({ offset: number(block, at, 12), length: number(block, at + 12, 12) })
  }
  return extents
}

/** PAX 0.0 (repeated keys) and 0.1 (one list); undefined when the records speak of no sparse file. */
export function paxExtents(pax: PaxRecords): readonly Extent[] | undefined {
  const map = pax.find(([key]) => key === 'GNU.sparse.map')?.[1]
  if (map !== undefined) return pairs(map === '' ? [] : map.split(',').map(parseDecimal))
  const pieces = pax.filter(([key]) => key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes')
  return pieces.length === 0 ? undefined : pairs(pieces.map(([, value]) => parseDecimal(value)))
}

/** Whether the map stands at the head of the data (PAX 1.0). */
export function hasInlineMap(pax: PaxRecords): boolean {
  const values = new Map(pax)
  return values.get('GNU.sparse.major') === '1' && values.get('GNU.sparse.minor') === '0'
}

/**
 * PAX 1.0: decimal lines, the count first, padded to a block. Undefined while `data` does not hold them all.
 * @throws StorageError ARCHIVE_INVALID
 */
export function inlineMap(data: Buffer): readonly Extent[] | undefined {
  const lines = data.toString('latin1').split('\n')
  const complete = lines.slice(0, -1)
  const count = complete[0] === undefined ? undefined : parseDecimal(complete[0])
  if (count === undefined || complete.length < 1 + count * 2) return undefined
  return pairs(complete.slice(1, 1 + count * 2).map(parseDecimal))
}

function pairs(numbers: readonly number[]): Extent[] {
  if (numbers.length % 2 !== 0) throw invalid('its map is cut off')
  return Array.from({ length: numbers.length / 2 }, (_, index) => ({
    offset: numbers[index * 2] ?? 0,
    length: numbers[index * 2 + 1] ?? 0,
  }))
}
