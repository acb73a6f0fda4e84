import { setTimeout as delay } from 'node:timers/promises'
import { ConmonError } from '../errors.ts'
import type { LogDriver } from '../job.ts'
import type { LogEntry } from './entry.ts'
import { readFileLog } from './file-log.ts'
import { readContainerJournal } from './journald.ts'

export interface LogQuery {
  readonly driver: LogDriver
  /** The log file of k8s-file and json-file. */
  readonly path?: string
  /** Whose entries are wanted of the journal. */
  readonly containerId?: string
  /** The user whose conmon wrote to the journal, as the host counts; this process's unless told. */
  readonly uid?: number
  readonly since?: Date
  readonly until?: Date
  /** Begin with the last so many lines. */
  readonly tail?: number
  /** Go on with what is logged from now on, until `ended` is settled (the container's end) or `until` is past. */
  readonly follow?: { readonly ended: Promise<unknown> }
  readonly signal?: AbortSignal
}

/**
 * What a container has put out, piece by piece: its text is each message and, behind those that are not partial, a newline.
 * Following goes on across rotation. A log that is not there yet is empty.
 * @throws ConmonError LOG_UNSUPPORTED for drivers that keep nothing, LOG_UNREADABLE; or the signal's reason
 */
export function readLogs(query: LogQuery): AsyncGenerator<LogEntry, void> {
  const { driver, path, containerId, uid = process.getuid?.() ?? 0, tail, signal } = query
  const ended = query.follow && endOf(query.follow.ended, query)
  if (driver === 'journald' && containerId !== undefined)
    return readContainerJournal({ ...query, containerId, uid, ended })
  if ((driver === 'k8s-file' || driver === 'json-file') && path !== undefined)
    return within(readable(readFileLog(path, { tail, ended, signal }), path), query)
  const why = `this container is using the '${driver}' log driver, cannot read logs: this container is not logging output`
  throw new ConmonError('LOG_UNSUPPORTED', why, { subject: driver })
}

/** Following is over with the container, or when no entry can be early enough any more. */
function endOf(ended: Promise<unknown>, { until, signal }: LogQuery): Promise<unknown> {
  if (!until) return ended
  const past = new AbortController()
  const both = AbortSignal.any([past.signal, ...(signal ? [signal] : [])])
  const late = delay(Math.max(0, until.getTime() - Date.now()), undefined, { signal: both }).catch(() => {})
  return Promise.race([ended, late]).finally(() => past.abort())
}

async function* within(entries: AsyncIterable<LogEntry>, { since, until }: LogQuery): AsyncGenerator<LogEntry, void> {
  if (!since && !until) return yield* entries
  const [first, last] = [since?.getTime() ?? -Infinity, until?.getTime() ?? Infinity]
  for await (const entry of entries) {
    const time = Date.parse(entry.time)
    if (time >= first && time <= last) yield entry
  }
}

async function* readable(entries: AsyncIterable<LogEntry>, path: string): AsyncGenerator<LogEntry, void> {
  try {
    yield* entries
  } catch (cause) {
    if (typeof (cause as NodeJS.ErrnoException).syscall !== 'string') throw cause
    throw new ConmonError('LOG_UNREADABLE', `the log ${path} cannot be read: ${(cause as Error).message}`, {
      subject: path,
      cause,
    })
  }
}
