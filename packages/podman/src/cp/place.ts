import { UsageError } from '../cli/usage-error.ts'

/** One end of a copy. */
export type Place =
  | { readonly kind: 'host'; readonly path: string }
  | { readonly kind: 'container'; readonly container: string; readonly path: string }
  | { readonly kind: 'stream' }

/** `CTR:path`, a path of the host (anything that begins with `.` or `/`), or `-`. Throws UsageError. */
export function parsePlace(text: string): Place {
  if (text === '-') return { kind: 'stream' }
  if (text === '') throw new UsageError('the path to copy must not be empty')
  const colon = text.indexOf(':')
  if (colon < 0 || text.startsWith('.') || text.startsWith('/')) return { kind: 'host', path: text }
  if (colon === 0) throw new UsageError(`container name missing in ${JSON.stringify(text)}`)
  return { kind: 'container', container: text.slice(0, colon), path: text.slice(colon + 1) }
}

/** What stands at the destination before the copy. */
export type Standing = 'directory' | 'file' | 'other' | 'nothing'

export interface Landing {
  /** The directory to unpack into; it exists. */
  readonly directory: string
  /** What the copied entry is called there; empty: its contents go straight into the directory. */
  readonly name: string
}

export interface Request {
  readonly source: { readonly path: string; readonly name: string; readonly isDirectory: boolean }
  readonly destination: { readonly path: string; readonly standing: Standing; readonly missing: string }
}

/** Where an entry lands, by the rules of `cp`: into a directory that exists, else under the name given. Throws UsageError. */
export function landing({ source, destination }: Request): Landing {
  const { path, standing, missing } = destination
  if (standing === 'directory')
    return { directory: path, name: source.isDirectory && /(^|\/)\.$/.test(source.path) ? '' : source.name }
  if (standing !== 'nothing' && source.isDirectory)
    throw new UsageError('destination must be a directory when copying a directory')
  if (standing === 'other')
    throw new UsageError(`invalid destination: ${JSON.stringify(path)} must be a directory or a regular file`)
  if (standing === 'nothing' && path.endsWith('/') && !source.isDirectory) throw new UsageError(missing)
  const bare = path.replace(/\/+$/, '')
  const slash = bare.lastIndexOf('/')
  return { directory: slash < 0 ? '.' : bare.slice(0, slash) || '/', name: bare.slice(slash + 1) }
}

/** Replaces the first part of an entry's name, the copied thing itself, by the name it lands under. */
export function landed(entry: string, name: string): string {
  const [, ...inside] = entry
    .replace(/^\.?\/+/, '')
    .replace(/\/+$/, '')
    .split('/')
  return [name, ...inside].filter(Boolean).join('/')
}
