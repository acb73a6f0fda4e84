import type { WaitCondition } from '@libpod/libpod'
import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool, string, strings } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { numberOf, parseDuration } from '../cli/values.ts'
import { codeOf, engineFailed, judge } from '../exit-codes.ts'
import { latestContainer, latestFlag } from '../options/selection.ts'

const conditions: readonly WaitCondition[] = [
  'configured',
  'created',
  'exited',
  'healthy',
  'initialized',
  'paused',
  'removing',
  'running',
  'stopped',
  'stopping',
  'unhealthy',
  'unknown',
  'removed',
]

export const command = defineCommand({
  summary: 'Block on one or more containers',
  description: 'Waits until the containers stop (or meet another condition) and prints their exit codes.',
  usage: '[options] CONTAINER [CONTAINER...]',
  examples: ['{} --interval 5s ctrID', '{} ctrID1 ctrID2'],
  flags: {
    condition: strings('Condition to wait on'),
    'exit-first-match': bool('Exit as soon as one container meets the condition'),
    ignore: bool('Ignore if a container does not exist'),
    interval: string('Time Interval to wait before polling for completion', { short: 'i', default: '250ms' }),
    latest: latestFlag,
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const intervalMs = parseInterval(flags.interval)
    const wanted = flags.condition.map(parseCondition)
    if (flags.latest && args.length > 0) throw new UsageError('--latest and containers cannot be used together')
    if (!flags.latest && args.length === 0)
      throw new UsageError('"podman wait" requires a name, id, or the "--latest" flag')
    const opened = await engine()
    const names = flags.latest ? [await latestContainer(opened)] : args
    if (!flags.ignore) for (const name of names) await opened.containers.resolve(name)
    const waitFor = async (name: string) => {
      try {
        return String((await opened.containers.wait(name, wanted.length > 0 ? wanted : undefined, { intervalMs })).code)
      } catch (error) {
        if (flags.ignore && codeOf(error) === 'CONTAINER_UNKNOWN') return '-1'
        throw error
      }
    }
    if (flags['exit-first-match']) return print(await Promise.any(names.map(waitFor)).catch(firstCause))
    let status = 0
    for (const outcome of await Promise.allSettled(names.map(waitFor)))
      if (outcome.status === 'fulfilled') print(outcome.value)
      else status = complain(outcome.reason)
    return status

    function print(code: string): number {
      io.out(`${code}\n`)
      return 0
    }
    function complain(error: unknown): number {
      io.err(`Error: ${judge(error).message ?? ''}\n`)
      return engineFailed
    }
  },
})

function firstCause(error: unknown): never {
  throw error instanceof AggregateError ? error.errors[0] : error
}

function parseCondition(text: string): WaitCondition {
  const found = conditions.find(condition => condition === text.toLowerCase())
  if (!found) throw new UsageError(`unknown container state: ${text}: invalid argument`)
  return found
}

/** A Go duration, or milliseconds as a bare number. */
function parseInterval(text: string): number {
  try {
    return parseDuration(text) / 1e6
  } catch {
    return numberOf(text)
  }
}
