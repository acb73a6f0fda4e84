import type { LogOptions } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { bool, type FlagValues, int, string } from '../cli/flag.ts'
import type { Terminal } from '../terminal.ts'
import { parseInstant } from './instant.ts'

/** What of logs is shown, and how. */
export const logViewFlags = {
  color: bool('Output the containers with different colors in the log.'),
  follow: bool('Follow log output.', { short: 'f' }),
  names: bool('Output the container names in the log', { short: 'n' }),
  since: string('Show logs since TIMESTAMP'),
  tail: int('Output the specified number of LINES at the end of the logs.  Defaults to -1, which prints all lines', {
    default: -1,
  }),
  timestamps: bool('Output the timestamps in the log', { short: 't' }),
  until: string('Show logs until TIMESTAMP'),
}

export type LogView = FlagValues<typeof logViewFlags>

/** Which records they ask for; what is followed ends with Ctrl-C. Throws UsageError. */
export function logOptions(view: LogView, io: Pick<Terminal, 'interrupted'>): LogOptions & { signal?: AbortSignal } {
  return defined({
    follow: view.follow ? ('yes' as const) : undefined,
    since: view.since === undefined ? undefined : parseInstant(view.since, 'since'),
    until: view.until === undefined ? undefined : parseInstant(view.until, 'until'),
    tail: view.tail < 0 ? undefined : view.tail,
    signal: view.follow ? io.interrupted : undefined,
  })
}
