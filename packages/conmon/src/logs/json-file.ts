import type { LogEntry } from './entry.ts'

const newline = '\n'

/** A line of Docker's json-file log: `{"log":"…\n","stream":"stdout","time":"…"}`; a log text without a newline goes on later. */
export function parseJsonLine(line: Buffer): LogEntry | undefined {
  try {
    const { log, stream, time } = JSON.parse(line.toString()) as Record<string, unknown>
    if (typeof log !== 'string' || typeof time !== 'string' || (stream !== 'stdout' && stream !== 'stderr'))
      return undefined
    const partial = !log.endsWith(newline)
    return { time, stream, partial, message: Buffer.from(partial ? log : log.slice(0, -1)) }
  } catch {
    return undefined
  }
}

/** The line of an entry, with its newline. Bytes that are no UTF-8 are lost: JSON has no place for them. */
export function formatJsonLine({ time, stream, partial, message }: LogEntry): Buffer {
  const log = message.toString() + (partial ? '' : newline)
  return Buffer.from(`${JSON.stringify({ log, stream, time })}\n`)
}
