import { typeName } from './value.ts'

/** Whether the first equals any of the others. */
export function compareAll(first: unknown, ...others: readonly unknown[]): boolean {
  if (others.length === 0) throw new Error('missing argument for comparison')
  return others.some(other => equal(first, other))
}

function equal(a: unknown, b: unknown): boolean {
  const [left, right] = [a ?? null, b ?? null]
  const compound = [left, right].find(value => typeof value === 'object' && value !== null)
  if (compound !== undefined && left !== null && right !== null)
    throw new Error(`non-comparable type: ${typeName(compound)}`)
  if (left !== null && right !== null && kind(left) !== kind(right))
    throw new Error('incompatible types for comparison')
  return left === right
}

/** Below, at or above 0, for numbers and text. */
export function order(a: unknown, b: unknown): number {
  if (!isOrdered(a) || (kind(a) === kind(b) && !isOrdered(b))) throw new Error('invalid type for comparison')
  if (kind(a) !== kind(b)) throw new Error('incompatible types for comparison')
  return a === b ? 0 : a < (b as typeof a) ? -1 : 1
}

const isOrdered = (value: unknown): value is number | string | bigint =>
  typeof value === 'number' || typeof value === 'string' || typeof value === 'bigint'

/** JavaScript's numbers do not tell whether they came with a point: 1 may be what is left of 1.0. */
const kind = (value: unknown): string => (typeof value === 'bigint' ? 'number' : typeof value)
