import { setTimeout as delay } from 'node:timers/promises'
import type { LogEntry } from './entry.ts'
import { fieldBytes, fieldText, type JournalRow, readJournal } from './journal.ts'

export interface ContainerQuery {
  readonly containerId: string
  /** Whose entries count: anybody may write to the journal under a container's id. */
  readonly uid: number
  readonly since?: Date | undefined
  readonly until?: Date | undefined
  readonly tail?: number | undefined
  readonly ended?: Promise<unknown> | undefined
  readonly signal?: AbortSignal | undefined
}

const outputOf = ({ containerId, uid }: ContainerQuery): readonly string[] => [
  `CONTAINER_ID_FULL=${containerId}`,
  `_UID=${uid}`,
]

/** Beside the output what the engine tells of the container: its end stands behind all that it said. */
const storyOf = (query: ContainerQuery): readonly string[] => [
  ...outputOf(query),
  ...['+', 'SYSLOG_IDENTIFIER=podman', `PODMAN_ID=${query.containerId}`, `_UID=${query.uid}`],
]

/** What conmon writes; events that the engine writes under the same id are none of the container's output. */
export function entryOf(row: JournalRow): LogEntry | undefined {
  const stamp = fieldText(row, '__REALTIME_TIMESTAMP') ?? ''
  if (!/^\d+$/.test(stamp) || fieldText(row, 'PODMAN_EVENT') !== undefined) return undefined
  return {
    time: microsecondsToText(BigInt(stamp)),
    stream: fieldText(row, 'PRIORITY') === '3' ? 'stderr' : 'stdout',
    partial: fieldText(row, 'CONTAINER_PARTIAL_MESSAGE') !== undefined,
    message: withoutNewline(fieldBytes(row, 'MESSAGE') ?? Buffer.alloc(0)),
  }
}

/** conmon leaves in the message what ended the line. */
const withoutNewline = (message: Buffer): Buffer => (message.at(-1) === 0x0a ? message.subarray(0, -1) : message)

function microsecondsToText(microseconds: bigint): string {
  const second = new Date(Number(microseconds / 1000n)).toISOString().slice(0, 19)
  return `${second}.${String(microseconds % 1_000_000n).padStart(6, '0')}000Z`
}

/** What conmon wrote to the journal of a container. @throws ConmonError LOG_UNREADABLE when journalctl is missing or fails */
export async function* readContainerJournal(query: ContainerQuery): AsyncGenerator<LogEntry, void> {
  const { tail, ended, since, until, signal } = query
  const last = tail === undefined ? undefined : await lastRows(query, tail)
  for (const row of last?.rows ?? []) yield* entries(row)
  if (ended) yield* follow(query, { after: last?.cursor, ended })
  else if (!last)
    for await (const row of readJournal({ matches: outputOf(query), since, until, signal })) yield* entries(row)
}

function* entries(row: JournalRow): Generator<LogEntry, void> {
  const entry = entryOf(row)
  if (entry) yield entry
}

/** The rows of the last so many lines, oldest first; parts belong to the line that they begin. */
async function lastRows(query: ContainerQuery, lines: number) {
  const { since, until, signal } = query
  const rows: JournalRow[] = []
  let [wanted, cursor] = [lines, undefined as string | undefined]
  for await (const row of readJournal({ matches: outputOf(query), since, until, order: 'newest first', signal })) {
    cursor ??= fieldText(row, '__CURSOR')
    const begins = entryOf(row)?.partial === false || rows.length === 0
    if (begins && wanted-- === 0) break
    rows.push(row)
  }
  return { rows: rows.reverse(), cursor }
}

/** Milliseconds that the journal may be behind with telling of an end that is known from elsewhere. */
const behind = 1000

async function* follow(
  query: ContainerQuery,
  { after, ended }: { readonly after: string | undefined; readonly ended: Promise<unknown> },
): AsyncGenerator<LogEntry, void> {
  const { since, signal } = query
  const patience = new AbortController()
  let died = Promise.withResolvers<void>()
  const late = (): Promise<unknown> => delay(behind, undefined, { signal: patience.signal }).catch(() => {})
  const over = (): Promise<unknown> => Promise.race([died.promise, late()])
  let seen = after
  try {
    for await (const row of readJournal({
      matches: storyOf(query),
      since,
      after,
      follow: ended.then(over, over),
      signal,
    })) {
      seen = fieldText(row, '__CURSOR')
      const event = fieldText(row, 'PODMAN_EVENT')
      if (event === 'died') died.resolve()
      else if (event === 'start') died = Promise.withResolvers()
      yield* entries(row)
    }
  } finally {
    patience.abort()
  }
  for await (const row of readJournal({ matches: outputOf(query), since, after: seen, signal })) yield* entries(row)
}
