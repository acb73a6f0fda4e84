import { isDeepStrictEqual } from 'node:util'

/** Where two JSON values differ, one line each: `path: ours | theirs`. */
export function differences(ours: unknown, theirs: unknown, path = ''): readonly string[] {
  if (isDeepStrictEqual(ours, theirs)) return []
  if (!isRecord(ours) || !isRecord(theirs)) return [`${path}: ${JSON.stringify(ours)} | ${JSON.stringify(theirs)}`]
  const keys = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])]
  return keys.flatMap(key => differences(ours[key], theirs[key], `${path}/${key}`))
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => {
  return typeof value === 'object' && value !== null
}
