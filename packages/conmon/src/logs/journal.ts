import { spawn } from 'node:child_process'
import { ConmonError } from '../errors.ts'
import { LineSplitter } from './lines.ts'

export interface JournalQuery {
  /** journalctl's matches: `FIELD=value`, and `+` between alternatives. */
  readonly matches: readonly string[]
  /** Inclusive, to the millisecond. */
  readonly since?: Date | undefined
  readonly until?: Date | undefined
  /** Begin behind this entry; then `since` is not looked at. */
  readonly after?: string | undefined
  readonly order?: 'oldest first' | 'newest first'
  /** Go on with what is written from now on until this is settled. */
  readonly follow?: Promise<unknown> | undefined
  readonly signal?: AbortSignal | undefined
}

/** An entry of the journal as `journalctl --output=json` gives it. */
export type JournalRow = Readonly<Record<string, unknown>>

const seconds = (time: Date): string => `@${time.getTime() / 1000}`

/** The arguments of journalctl(1). A match is never taken for an option: all come behind `--`. */
export function journalArguments({ matches, since, until, after, order, follow }: JournalQuery): string[] {
  return [
    ...['--output=json', '--quiet', '--all', '--no-pager'],
    ...(after ? [`--after-cursor=${after}`] : since ? [`--since=${seconds(since)}`] : []),
    ...(until ? [`--until=${seconds(until)}`] : []),
    ...(order === 'newest first' ? ['--reverse'] : []),
    ...(follow ? ['--follow', '--no-tail'] : []),
    ...['--', ...matches],
  ]
}

/** A field's bytes. The journal shows what is no text as a list of bytes, and a field that comes twice as a list of texts. */
export function fieldBytes(row: JournalRow, name: string): Buffer | undefined {
  const value = Object.hasOwn(row, name) ? row[name] : undefined
  if (typeof value === 'string') return Buffer.from(value)
  if (!Array.isArray(value)) return undefined
  const [first] = value
  if (typeof first === 'string') return Buffer.from(first)
  return Buffer.from(Array.isArray(first) ? first : value)
}

export const fieldText = (row: JournalRow, name: string): string | undefined => fieldBytes(row, name)?.toString()

/** The entries that match. @throws ConmonError LOG_UNREADABLE when journalctl is missing or fails; or the signal's reason */
export async function* readJournal(query: JournalQuery): AsyncGenerator<JournalRow, void> {
  const { follow, since, until, signal } = query
  signal?.throwIfAborted()
  // Such a span journalctl does not take, even where it is told of.
  if (since && until && since > until) return
  const child = spawn('journalctl', journalArguments(query), { stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = (): void => void child.kill()
  follow?.then(stop, stop)
  signal?.addEventListener('abort', stop)
  const complaint: Buffer[] = []
  child.stderr.on('data', piece => complaint.push(piece))
  const left = new Promise<number | Error | null>(resolve => void child.on('exit', resolve).on('error', resolve))
  try {
    const splitter = new LineSplitter()
    let begun: Buffer[] = []
    for await (const piece of child.stdout)
      for (const { bytes, cut } of splitter.push(piece)) {
        begun.push(bytes)
        if (cut) continue
        const row = parseRow(Buffer.concat(begun))
        begun = []
        if (row) yield row
      }
    signal?.throwIfAborted()
    const status = await left
    if (status instanceof Error || (status !== 0 && status !== null && complaint.length > 0))
      throw unreadable(status, complaint)
  } finally {
    signal?.removeEventListener('abort', stop)
    stop()
  }
}

export function parseRow(line: Buffer): JournalRow | undefined {
  try {
    const row: unknown = JSON.parse(line.toString())
    return row && typeof row === 'object' && !Array.isArray(row) ? (row as JournalRow) : undefined
  } catch {
    return undefined
  }
}

function unreadable(status: Error | number, complaint: readonly Buffer[]): ConmonError {
  const reason = status instanceof Error ? status.message : Buffer.concat(complaint).toString().trim()
  return new ConmonError('LOG_UNREADABLE', `the journal cannot be read: ${reason}`, {
    subject: 'journalctl',
    cause: status,
  })
}
