import { resolve } from 'node:path'
import type { HealthSpec } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { bool, type FlagValues, string, uint } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { parseDuration } from '../cli/values.ts'
import { optionGroup } from './group.ts'

const flags = {
  'health-cmd': string("set a healthcheck command for the container ('none' disables the existing healthcheck)"),
  'health-interval': string(
    'set an interval for the healthcheck. (a value of disable results in no automatic timer setup) (Changing this setting resets timer.)',
    { shown: '"30s"' },
  ),
  'health-log-destination': string(
    'set the destination of the HealthCheck log. Directory path, local or events_logger (local use container state file)(Warning: Changing this setting may cause the loss of previous logs.)',
    { shown: '"local"' },
  ),
  'health-max-log-count': uint(
    "set maximum number of attempts in the HealthCheck log file. ('0' value means an infinite number of attempts in the log file)",
    { shown: '5' },
  ),
  'health-max-log-size': uint(
    "set maximum length in characters of stored HealthCheck log. ('0' value means an infinite log length)",
    { shown: '500' },
  ),
  'health-on-failure': string('action to take once the container turns unhealthy', { shown: '"none"' }),
  'health-retries': uint('the number of retries allowed before a healthcheck is considered to be unhealthy', {
    shown: '3',
  }),
  'health-start-period': string('the initialization time needed for a container to bootstrap', { shown: '"0s"' }),
  'health-startup-cmd': string('Set a startup healthcheck command for the container'),
  'health-startup-interval': string(
    'Set an interval for the startup healthcheck. Changing this setting resets the timer, depending on the state of the container.',
    { shown: '"30s"' },
  ),
  'health-startup-retries': uint(
    'Set the maximum number of retries before the startup healthcheck will restart the container',
  ),
  'health-startup-success': uint(
    'Set the number of consecutive successes before the startup healthcheck is marked as successful and the normal healthcheck begins (0 indicates any success will start the regular healthcheck)',
  ),
  'health-startup-timeout': string(
    'Set the maximum amount of time that the startup healthcheck may take before it is considered failed',
    { shown: '"30s"' },
  ),
  'health-timeout': string(
    'the maximum time allowed to complete the healthcheck before an interval is considered failed',
    { shown: '"30s"' },
  ),
  'no-healthcheck': bool('Disable healthchecks on container'),
}

type Values = FlagValues<typeof flags>

/** How the engine learns that the container works, and what it does when it does not. */
export const health = optionGroup({
  flags,
  toSpec(values, caller): HealthSpec {
    if (values['no-healthcheck'] && values['health-cmd'] !== undefined)
      throw new UsageError('cannot specify both --no-healthcheck and --health-cmd')
    const startup = values['health-startup-cmd']
    if (startup !== undefined && values['no-healthcheck'])
      throw new UsageError('cannot specify both --no-healthcheck and --health-startup-cmd')
    return defined({
      test: values['no-healthcheck'] ? ['NONE'] : values['health-cmd'] ? parseTest(values['health-cmd']) : undefined,
      interval: intervalOf(values['health-interval']),
      timeout: timeoutOf(values['health-timeout'], 'healthcheck-timeout'),
      startPeriod: periodOf(values['health-start-period']),
      retries: retriesOf(values['health-retries']),
      startup: startupOf(startup, values),
      onFailure: values['health-on-failure'] === undefined ? undefined : onFailure(values['health-on-failure']),
      logDestination: destinationOf(values['health-log-destination'], caller.directory),
      maxLogCount: values['health-max-log-count'],
      maxLogSize: values['health-max-log-size'],
    })
  },
})

/** Without a command of its own it changes the one that a container has. */
function startupOf(command: string | undefined, values: Values): HealthSpec['startup'] {
  const startup = defined({
    test: command === undefined ? undefined : parseTest(command),
    interval: intervalOf(values['health-startup-interval']),
    timeout: timeoutOf(values['health-startup-timeout'], 'healthcheck-startup-timeout'),
    retries: values['health-startup-retries'],
    successes: values['health-startup-success'],
  })
  return Object.keys(startup).length > 0 ? startup : undefined
}

/** `none`, a JSON array of arguments, or a line for the shell. */
export function parseTest(text: string): readonly string[] {
  const words = jsonWords(text)
  if (words && words.length === 0) throw new UsageError('must define a healthcheck command for all healthchecks')
  const first = (words ?? text.split(' '))[0]?.toUpperCase()
  if (first === 'NONE') return ['NONE']
  if (words && (first === 'CMD' || first === 'CMD-SHELL')) return words
  if (words && words.length > 1) return ['CMD', ...words]
  if (!words && first === 'CMD') return text.split(/\s+/).filter(Boolean)
  if (!words && first === 'CMD-SHELL') return ['CMD-SHELL', text.slice('CMD-SHELL '.length)]
  return ['CMD-SHELL', words?.[0] ?? text]
}

function jsonWords(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every(word => typeof word === 'string') ? value : undefined
  } catch {
    return undefined
  }
}

/** Two words, or a directory. */
function destinationOf(text: string | undefined, directory: string): string | undefined {
  return text === undefined || text === 'local' || text === 'events_logger' ? text : resolve(directory, text)
}

function intervalOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  return text === 'disable' ? 0 : durationOf(text, 'healthcheck-interval')
}

function timeoutOf(text: string | undefined, what: string): number | undefined {
  if (text === undefined) return undefined
  const timeout = durationOf(text, what)
  if (timeout <= 0) throw new UsageError(`${what} must be at least 1 second`)
  return timeout
}

function periodOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const period = durationOf(text, 'healthcheck-start-period')
  if (period < 0) throw new UsageError('healthcheck-start-period must be 0 seconds or greater')
  return period
}

function durationOf(text: string, what: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw new UsageError(`invalid ${what}: ${error instanceof Error ? error.message : text}`)
  }
}

function retriesOf(count: number | undefined): number | undefined {
  if (count === 0) throw new UsageError('healthcheck-retries must be greater than 0')
  return count
}

function onFailure(text: string): NonNullable<HealthSpec['onFailure']> {
  if (text === 'none' || text === 'kill' || text === 'restart' || text === 'stop') return text
  throw new UsageError(
    `invalid on-failure action ${JSON.stringify(text)} for health check: supported actions are none,kill,restart,stop`,
  )
}
