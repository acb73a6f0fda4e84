/** More than any damage but that of the text as a whole. */
const most = 8

/**
 * Whether two long texts (ids, digests) are the same but for a few characters: then one is the other, damaged. Those that
 * are really others differ nearly everywhere.
 */
export function isNear(one: string, other: string): boolean {
  if (one.length !== other.length || one.length < 4 * most) return false
  return differences(one, other) <= most
}

/** In how many places two texts of one length differ. */
export function differences(one: string, other: string): number {
  let count = 0
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) count++
  return count
}

/** The only one of `known` that `text` may have been before it was damaged. */
export function nearest(text: string, known: Iterable<string>): string | undefined {
  const near = [...known].filter(each => isNear(each, text))
  return near.length === 1 ? near[0] : undefined
}
