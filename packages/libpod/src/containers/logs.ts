import { type LogDriver, readLogs } from '@libpod/conmon'
import { LibpodError } from '../errors.ts'
import type { Rooms } from '../rooms.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord } from '../state/container.ts'
import type { LogOptions, LogRecord } from './containers.ts'
import { isRunning } from './liveness.ts'
import { waitContainer } from './wait.ts'

/** The end of a container in the journal is told by the journal's events. */
function refuseUnwatched(
  { options: { eventsBackend } }: Pick<Rooms, 'options'>,
  { config, name }: ContainerRecord,
  { follow }: LogOptions,
): void {
  if (follow !== 'yes' || config.logDriver !== 'journald' || eventsBackend === 'journald') return
  throw new LibpodError(
    'SPEC_INVALID',
    `using --follow with the journald --log-driver but without the journald --events-backend (${eventsBackend}) is not supported`,
    { subject: name },
  )
}

/** What a container has put out, and with `follow` goes on to put out until it ends. Takes no lock. */
export async function* containerLogs(
  rooms: Pick<Rooms, 'options' | 'state' | 'host'>,
  name: string,
  options: LogOptions & Call = {},
): AsyncGenerator<LogRecord> {
  const record = rooms.state.containers.find(name)
  const { since, until, tail, signal } = options
  refuseUnwatched(rooms, record, options)
  const over = new AbortController()
  const both = signal ? AbortSignal.any([signal, over.signal]) : over.signal
  const follow = options.follow === 'yes' && isRunning(rooms, record)
  const ended = (): Promise<unknown> => waitContainer(rooms, record.id, undefined, { signal: both }).catch(() => {})
  const entries = readLogs({
    driver: record.config.logDriver as LogDriver,
    path: record.config.logPath,
    containerId: record.id,
    uid: rooms.host.uid,
    ...(since === undefined ? {} : { since: new Date(since) }),
    ...(until === undefined ? {} : { until: new Date(until) }),
    ...(tail === undefined ? {} : { tail }),
    ...(follow ? { follow: { ended: ended() } } : {}),
    ...(signal ? { signal } : {}),
  })
  try {
    for await (const { time, stream, partial, message } of entries)
      yield { time, stream, kind: partial ? 'partial' : 'line', message }
  } finally {
    over.abort()
  }
}
