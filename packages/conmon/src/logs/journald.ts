import { spawn } from 'node:child_process'
import { ConmonError } from '../errors.ts'
import type { LogEntry } from './entry.ts'
import { LineSplitter } from './lines.ts'

export interface JournalQuery {
  readonly containerId: string
  readonly since?: Date | undefined
  readonly until?: Date | undefined
  readonly tail?: number | undefined
  readonly ended?: Promise<unknown> | undefined
  readonly signal?: AbortSignal | undefined
}

const seconds = (time: Date): string => `@${time.getTime() / 1000}`

/** The arguments of journalctl(1) for what conmon wrote of a container. */
export function journalArguments(query: JournalQuery): string[] {
  return [
    ...['--output=json', '--quiet', '--all', '--no-pager'],
    ...(query.since ? [`--since=${seconds(query.since)}`] : []),
    ...(query.until ? [`--until=${seconds(query.until)}`] : []),
    ...(query.tail === undefined ? [] : [`--lines=${query.tail}`]),
    ...(query.ended ? ['--follow', ...(query.tail === undefined ? ['--no-tail'] : [])] : []),
    `CONTAINER_ID_FULL=${query.containerId}`,
  ]
}

/** One line of `journalctl --output=json`; events that the engine writes under the same id are none of the container's output. */
export function parseJournalLine(line: Buffer): LogEntry | undefined {
  try {
    const fields = JSON.parse(line.toString()) as Record<string, unknown>
    const { MESSAGE: message, PRIORITY: priority, __REALTIME_TIMESTAMP: stamp } = fields
    if (typeof stamp !== 'string' || fields.PODMAN_EVENT !== undefined) return undefined
    return {
      time: microsecondsToText(BigInt(stamp)),
      stream: priority === '3' ? 'stderr' : 'stdout',
      partial: fields.CONTAINER_PARTIAL_MESSAGE === 'true',
      // The journal shows what is no text as a list of bytes.
      message: Array.isArray(message) ? Buffer.from(message) : Buffer.from(typeof message === 'string' ? message : ''),
    }
  } catch {
    return undefined
  }
}

function microsecondsToText(microseconds: bigint): string {
  const second = new Date(Number(microseconds / 1000n)).toISOString().slice(0, 19)
  return `${second}.${String(microseconds % 1_000_000n).padStart(6, '0')}000Z`
}

/** What conmon wrote to the journal of a container. @throws ConmonError LOG_UNREADABLE when journalctl is missing or fails */
export async function* readJournal(query: JournalQuery): AsyncGenerator<LogEntry, void> {
  const child = spawn('journalctl', journalArguments(query), { stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = (): void => void child.kill()
  query.ended?.then(stop, stop)
  query.signal?.addEventListener('abort', stop)
  const complaint: Buffer[] = []
  child.stderr.on('data', piece => complaint.push(piece))
  const left = new Promise<number | Error | null>(resolve => void child.on('exit', resolve).on('error', resolve))
  try {
    const splitter = new LineSplitter()
    for await (const piece of child.stdout) {
      for (const { bytes } of splitter.push(piece)) {
        const entry = parseJournalLine(bytes)
        if (entry) yield entry
      }
    }
    query.signal?.throwIfAborted()
    const status = await left
    if (status instanceof Error || (status !== 0 && status !== null && complaint.length > 0))
      throw unreadable(status, complaint)
  } finally {
    query.signal?.removeEventListener('abort', stop)
    stop()
  }
}

function unreadable(status: Error | number, complaint: readonly Buffer[]): ConmonError {
  const reason = status instanceof Error ? status.message : Buffer.concat(complaint).toString().trim()
  return new ConmonError('LOG_UNREADABLE', `the journal cannot be read: ${reason}`, {
    subject: 'journalctl',
    cause: status,
  })
}
