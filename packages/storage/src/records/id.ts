import { StorageError } from '../errors.ts'

/** An id becomes a file name: it must be one. @throws StorageError ID_INVALID */
export function checkId(id: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/.test(id)) return id
  throw new StorageError('ID_INVALID', `invalid id ${JSON.stringify(id.slice(0, 80))}`, { subject: id })
}

/** Whether this is an id as stores make them: 64 hexadecimal digits. */
export const isId = (name: unknown): name is string => typeof name === 'string' && /^[0-9a-f]{64}$/.test(name)

interface Named {
  readonly id: string
  readonly names?: readonly string[]
}

/** The record with the id, else the name, else the only one whose id begins so. @throws StorageError AMBIGUOUS_ID */
export function lookup<R extends Named>(records: readonly R[], text: string): R | undefined {
  const exact = records.find(each => each.id === text) ?? records.find(each => each.names?.includes(text))
  if (exact || text === '') return exact
  const matches = records.filter(each => each.id.startsWith(text))
  if (matches.length < 2) return matches[0]
  throw new StorageError('AMBIGUOUS_ID', `${text} is the beginning of ${matches.length} ids`, { subject: text })
}

/** Names in order, each once. */
export const uniqueNames = (names: readonly string[]): string[] => [...new Set(names)]
