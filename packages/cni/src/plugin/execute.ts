import { setTimeout } from 'node:timers/promises'
import { CniError, codeOfNumber } from '../errors.ts'
import { isText, parseObject } from '../json.ts'
import { findPlugin } from './find.ts'
import type { PluginInput, PluginOutcome, PluginRunner } from './runner.ts'
import { spawnRunner } from './spawn.ts'

/** Where plugins are and how they are run. */
export interface PluginOptions {
  /** Searched in order. */
  readonly pluginDirs: readonly string[]
  /** Added to the environment of plugins. */
  readonly env?: Readonly<Record<string, string>>
  /** Absent: child processes. */
  readonly runner?: PluginRunner
  /** Kills the running plugin. */
  readonly signal?: AbortSignal
}

/**
 * Runs one plugin and gives what it wrote.
 * @throws CniError PLUGIN_MISSING, PLUGIN_FAILED and the codes of the specification's numbers
 */
export async function executePlugin(type: string, input: PluginInput, options: PluginOptions): Promise<Uint8Array> {
  const path = await findPlugin(type, options.pluginDirs)
  const outcome = await runPlugin(path, input, options)
  if (outcome.exit === 0) return outcome.stdout
  throw failureOf(type, outcome)
}

async function runPlugin(
  path: string,
  input: PluginInput,
  options: PluginOptions,
  attempt = 1,
): Promise<PluginOutcome> {
  const call = options.signal ? { signal: options.signal } : {}
  try {
    return await (options.runner ?? spawnRunner).run(path, input, call)
  } catch (cause) {
    options.signal?.throwIfAborted()
    if ((cause as NodeJS.ErrnoException).code === 'ETXTBSY' && attempt <= 5) {
      await setTimeout(1000, undefined, call) // a program that is being replaced is busy for a moment
      return runPlugin(path, input, options, attempt + 1)
    }
    if (cause instanceof CniError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CniError('PLUGIN_FAILED', `CNI plugin ${path} could not be run: ${reason}`, { subject: path, cause })
  }
}

function failureOf(type: string, outcome: PluginOutcome): CniError {
  const said = parseObject(outcome.stdout)
  const number = Number.isSafeInteger(said?.code) ? (said?.code as number) : undefined
  const message = isText(said?.msg) && said.msg !== '' ? said.msg : lastWords(outcome)
  const details = isText(said?.details) && said.details !== '' ? said.details : undefined
  const whole = `plugin type="${type}" failed: ${message}${details === undefined ? '' : `; ${details}`}`
  return new CniError(number === undefined ? 'PLUGIN_FAILED' : codeOfNumber(number), whole, {
    subject: type,
    number,
    details,
  })
}

function lastWords({ exit, stdout, stderr }: PluginOutcome): string {
  const how = typeof exit === 'number' ? `exit status ${exit}` : `killed by ${exit}`
  const words = stderr.trim() || Buffer.from(stdout.subarray(0, 4096)).toString('utf8').trim()
  return words === '' ? how : `${how}: ${words}`
}
