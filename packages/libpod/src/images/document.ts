/**
 * Readers of single members of a JSON document that came from outside. A member of another type counts as missing, so a
 * hostile document can leave something out but never smuggle a wrong shape in. Results own no inherited keys.
 */
export type JsonObject = Readonly<Record<string, unknown>>

/** The most that a config or manifest may have, in bytes (as containers/image limits them). */
export const largestDocument = 4 * 1024 * 1024

export function parseDocument(bytes: Uint8Array): JsonObject | undefined {
  if (bytes.length > largestDocument) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {})

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export const textsOf = (value: unknown): readonly string[] =>
  listOf(value).filter((each): each is string => typeof each === 'string')

/** The text members of an object; `__proto__` stays an ordinary key. */
export const textRecordOf = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(objectOf(value)).filter(([, each]) => typeof each === 'string')) as Record<
    string,
    string
  >

/** The keys of a Go set: `{"80/tcp": {}}`. */
export const keysOf = (value: unknown): readonly string[] => Object.keys(objectOf(value))
