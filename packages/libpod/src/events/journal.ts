import { setTimeout as delay } from 'node:timers/promises'
import { readJournal } from '@libpod/conmon'
import { sendDatagram } from '@libpod/syscall'
import type { Call } from '../spec/call.ts'
import { timestamp } from '../timestamp.ts'
import type { EngineEvent, EventOptions, Events } from './events.ts'
import { eventFilter } from './filter.ts'
import { datagram, eventOf, identifier, journalFields } from './journal-fields.ts'

/** Where systemd's journal listens (systemd-journald.service(8)). */
export const journalSocket = '/run/systemd/journal/socket'

/** Events in systemd's journal, as Podman keeps them there; those of one user, by the host's count. */
export function journalEvents(uid: number): Events {
  return {
    // What happened has happened, whether there is a journal to tell of it or not.
    write: event => send(datagram(journalFields({ time: timestamp(), ...event }))).catch(() => {}),
    read: options => readEvents(uid, options),
  }
}

/** Milliseconds between two attempts at a journal that is busy, and how many there are. */
const [pause, attempts] = [10, 200]

async function send(bytes: Buffer): Promise<void> {
  for (let left = attempts; ; left--) {
    try {
      return sendDatagram(journalSocket, bytes)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || left === 0) throw error
    }
    await delay(pause)
  }
}

/** An event stands in the journal a little later than it happened: so much of it, in milliseconds, is read beyond `until`. */
const slack = 1000

async function* readEvents(uid: number, options: EventOptions & Call = {}): AsyncGenerator<EngineEvent> {
  const { until = Number.POSITIVE_INFINITY, stream, signal } = options
  const passes = eventFilter(options.filters ?? {})
  const following = stream === 'yes' && until > Date.now()
  const since = options.since ?? (following ? Date.now() : 0)
  const finish = new AbortController()
  const rows = readJournal({
    matches: [`SYSLOG_IDENTIFIER=${identifier}`, `_UID=${uid}`],
    ...(since > 0 ? { since: new Date(since) } : {}),
    ...(following ? { follow: moment(until, finish.signal) } : {}),
    ...(!following && Number.isFinite(until) ? { until: new Date(until + slack) } : {}),
    signal,
  })
  try {
    for await (const row of rows) {
      const event = eventOf(row)
      const time = event ? Date.parse(event.time) : Number.NaN
      if (event && time >= since && time < until && passes(event)) yield event
    }
  } finally {
    finish.abort()
  }
}

const longestTimer = 2 ** 31 - 1

/** Settled when the time has come, or nobody waits any more. */
async function moment(time: number, signal: AbortSignal): Promise<void> {
  while (time > Date.now() && !signal.aborted)
    await delay(Math.min(time - Date.now(), longestTimer), undefined, { signal, ref: false }).catch(() => {})
}
