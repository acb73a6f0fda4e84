import { ImageError } from '../errors.ts'

const greatest = 2 ** 63

/** Reads what follows the `@` of `path:@index`, with Go's words for what is wrong. @throws ImageError REFERENCE_INVALID */
export function parseIndexNumber(digits: string, prefix: string): number {
  const fail = (why: string): ImageError => new ImageError('REFERENCE_INVALID', `Invalid source index @${why}`)
  const value = Number(digits)
  const problem = !/^[+-]?[0-9]{1,40}$/.test(digits)
    ? 'invalid syntax'
    : Math.abs(value) >= greatest
      ? 'value out of range'
      : ''
  if (problem !== '') throw fail(`${digits}: ${prefix}strconv.Atoi: parsing ${JSON.stringify(digits)}: ${problem}`)
  if (value < 0) throw fail(`${value}: must not be negative`)
  return value
}
