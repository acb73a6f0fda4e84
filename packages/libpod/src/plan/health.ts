import { LibpodError } from '../errors.ts'
import type { HealthSpec } from '../spec/health.ts'

/** What podman-run(1) says of options that are not given. Times in nanoseconds. */
export const healthDefaults = { interval: 30e9, timeout: 30e9, retries: 3, maxLogCount: 5, maxLogSize: 500 } as const

/** The check of a new container: the caller's over the image's. @throws LibpodError SPEC_INVALID */
export function plannedHealth(image: HealthSpec | undefined, asked: HealthSpec | undefined): HealthSpec | undefined {
  const { startup, ...merged } = { ...image, ...asked }
  const starts = startup?.test?.length ? { startup } : {}
  if (merged.test?.length) return { ...merged, ...starts }
  if (startup?.test?.length)
    throw invalid('cannot set a startup healthcheck when there is no regular healthcheck: invalid argument')
  if (merged.onFailure && merged.onFailure !== 'none')
    throw invalid(`cannot set on-failure action to ${merged.onFailure} without a health check`)
  return Object.keys(merged).length > 0 ? merged : undefined
}

/** What a container has after `update`; `NONE` takes both checks away. @throws LibpodError SPEC_INVALID */
export function changedHealth(before: HealthSpec | undefined, change: HealthSpec): HealthSpec {
  if (change.test?.[0] === 'NONE') {
    if (Object.keys(change).length > 1)
      throw invalid('cannot specify both --no-healthcheck and other HealthCheck flags')
    const { startup: _, ...kept } = before ?? {}
    return { ...kept, test: ['NONE'] }
  }
  const merged = {
    ...before,
    ...change,
    ...(change.startup ? { startup: { ...before?.startup, ...change.startup } } : {}),
  }
  const timed = ['interval', 'timeout', 'startPeriod', 'retries'] as const
  const needsCommand = timed.some(key => change[key] !== undefined) && !merged.test?.length
  if (needsCommand || (merged.startup && !merged.startup.test?.length))
    throw invalid('startup healthcheck command is not set')
  return merged
}

const invalid = (message: string): LibpodError => new LibpodError('SPEC_INVALID', message)

/** The check that is really run: none without a command, and none for `NONE`. */
export function activeHealth(health: HealthSpec | undefined): HealthSpec | undefined {
  const kind = health?.test?.[0]
  return kind === undefined || kind === '' || kind === 'NONE' ? undefined : health
}

/** `CMD` and its words, `CMD-SHELL` and a line for the shell; anything else is words. Undefined: nothing to run. */
export function healthCommand([kind = '', ...words]: readonly string[]): readonly string[] | undefined {
  if (kind === '' || kind === 'NONE') return undefined
  if (kind === 'CMD-SHELL') return ['/bin/sh', '-c', words.join(' ')]
  const command = kind === 'CMD' ? words : [kind, ...words]
  return command[0] ? command : undefined
}

/** How far the startup check is; it is over with `passed`. */
export interface StartupProgress {
  readonly successes: number
  readonly failures: number
  readonly passed: 'yes' | 'no'
}

const freshStartup: StartupProgress = { successes: 0, failures: 0, passed: 'no' }

/** Whether the startup check stands before the regular one still. */
export const startupPending = (health: HealthSpec, progress: StartupProgress | undefined): boolean =>
  health.startup !== undefined && progress?.passed !== 'yes'

/** What one more run of the startup check makes of it: passed after enough successes in a row, `restart` after too many failures. */
export function afterStartupRun(
  { successes: needed, retries }: NonNullable<HealthSpec['startup']>,
  before: StartupProgress = freshStartup,
  outcome: 'success' | 'failure' = 'success',
): { readonly progress: StartupProgress; readonly verdict: 'passed' | 'restart' | 'go-on' } {
  if (outcome === 'success') {
    const successes = before.successes + 1
    if (successes >= (needed || 1)) return { progress: { successes: 0, failures: 0, passed: 'yes' }, verdict: 'passed' }
    return { progress: { ...before, successes }, verdict: 'go-on' }
  }
  const failures = before.failures + 1
  const progress = { ...before, successes: 0, failures }
  return { progress, verdict: retries && failures >= retries ? 'restart' : 'go-on' }
}
