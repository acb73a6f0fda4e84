import { mkdirSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import { timestamp } from '../timestamp.ts'
import type { EngineEvent, EventOptions, Events } from './events.ts'
import { eventFilter } from './filter.ts'
import { journalEvents } from './journal.ts'
import { parseEvent } from './line.ts'
import { EventLog, type Read } from './log-file.ts'

export interface EventSettings {
  readonly backend: 'file' | 'journald' | 'none'
  /** Whose events the journal is asked for, by the host's count. */
  readonly uid: number
  /** Of the file backend. */
  readonly path: string
  /** Bytes at which the file is cut in half. */
  readonly maxBytes: number
}

/** The event log of an engine. Writing never fails an operation that has already happened: it is the caller's to ignore. */
export function createEvents(settings: EventSettings): Events {
  if (settings.backend === 'none') return { write: async () => {}, read: refuse }
  if (settings.backend === 'journald') return journalEvents(settings.uid)
  const log = new EventLog(settings.path, settings.maxBytes)
  return {
    write: event => log.append({ time: timestamp(), ...event }),
    read: options => readEvents(log, options),
  }
}

// biome-ignore lint/correctness/useYield: it refuses when it is first asked, as a reader that fails does
async function* refuse(): AsyncGenerator<EngineEvent> {
  throw new LibpodError('CONFIG_INVALID', 'cannot read events with the "none" backend')
}

async function* readEvents(log: EventLog, options: EventOptions & Call = {}): AsyncGenerator<EngineEvent> {
  const { since, until = Number.POSITIVE_INFINITY, signal } = options
  const passes = eventFilter(options.filters ?? {})
  const wanted = (event: EngineEvent | undefined): event is EngineEvent =>
    event !== undefined && passes(event) && Date.parse(event.time) < until
  const following = options.stream === 'yes' && until > Date.now()
  const changes = following ? watchFile(log.path, signal) : undefined
  try {
    const past = await log.read({ inode: 0, offset: 0 })
    const from = since ?? (following ? Date.now() : 0)
    yield* past.lines
      .map(parseEvent)
      .filter(wanted)
      .filter(event => Date.parse(event.time) >= from)
    if (changes) yield* follow(log, past, { changes, until, wanted })
  } finally {
    changes?.close()
  }
}

interface Following {
  readonly changes: Changes
  readonly until: number
  readonly wanted: (event: EngineEvent | undefined) => event is EngineEvent
}

async function* follow(log: EventLog, past: Read, { changes, until, wanted }: Following): AsyncGenerator<EngineEvent> {
  let { next: position } = past
  let last = past.lines.at(-1)
  while ((await changes.next(until - Date.now())) === 'changed') {
    const { lines, next } = await log.read(position)
    const unseen = next.inode === position.inode ? lines : afterRotation(lines, last)
    position = next
    last = lines.at(-1) ?? last
    yield* unseen.map(parseEvent).filter(wanted)
  }
}

/** A log that was rotated begins with what was kept: what has been read of that is not told again. */
function afterRotation(lines: readonly string[], last: string | undefined): readonly string[] {
  const from = last === undefined ? 0 : lines.lastIndexOf(last) + 1
  return lines.slice(from).filter(line => parseEvent(line)?.attributes?.['io.podman.event.rotate'] !== 'begin')
}

interface Changes {
  /** Resolves when the file was written to since the last call, or when the time is over. */
  next(milliseconds: number): Promise<'changed' | 'over'>
  close(): void
}

function watchFile(path: string, signal: AbortSignal | undefined): Changes {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  let pending = false
  let wake: (() => void) | undefined
  const watcher = watch(dirname(path), (_event, name) => {
    if (name !== basename(path)) return
    pending = true
    wake?.()
  })
  const next = async (milliseconds: number): Promise<'changed' | 'over'> => {
    signal?.throwIfAborted()
    if (!pending && milliseconds > 0) await sleep(milliseconds)
    signal?.throwIfAborted()
    const changed = pending
    pending = false
    return changed ? 'changed' : 'over'
  }
  const sleep = (milliseconds: number): Promise<void> =>
    new Promise(resolve => {
      const timer = Number.isFinite(milliseconds) ? setTimeout(done, Math.min(milliseconds, 2 ** 31 - 1)) : undefined
      function done(): void {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        wake = undefined
        resolve()
      }
      wake = done
      signal?.addEventListener('abort', done)
    })
  return { next, close: () => watcher.close() }
}
