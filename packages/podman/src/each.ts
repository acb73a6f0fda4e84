import { engineFailed, judge } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'

/** What is printed for one name when its turn went well; undefined: nothing. */
type Verb = (name: string) => Promise<string | undefined>

export interface EachOptions {
  /** The exit status for an error; 125 when absent. The highest counts. */
  readonly statusOf?: (error: unknown) => number
  /** An error to leave unsaid. */
  readonly forgive?: (error: unknown) => boolean
  readonly atOnce?: number
}

/** Does a verb to several containers side by side; reports in the order given, what worked first. Resolves to the exit status. */
export async function each(
  names: readonly string[],
  verb: Verb,
  io: Terminal,
  options: EachOptions = {},
): Promise<number> {
  const outcomes = await pooled(names, verb, options.atOnce ?? 8)
  const errors: unknown[] = []
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled' && outcome.value !== undefined) io.out(`${outcome.value}\n`)
    if (outcome.status === 'rejected' && !options.forgive?.(outcome.reason)) errors.push(outcome.reason)
  }
  for (const error of errors) io.err(`Error: ${judge(error).message ?? ''}\n`)
  if (errors.length === 0) return 0
  return Math.max(...errors.map(options.statusOf ?? (() => engineFailed)))
}

async function pooled(
  names: readonly string[],
  verb: Verb,
  atOnce: number,
): Promise<PromiseSettledResult<string | undefined>[]> {
  const outcomes: PromiseSettledResult<string | undefined>[] = []
  let next = 0
  const worker = async () => {
    while (next < names.length) {
      const at = next++
      outcomes[at] = await settle(verb, names[at] ?? '')
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, names.length) }, worker))
  return outcomes
}

async function settle(verb: Verb, name: string): Promise<PromiseSettledResult<string | undefined>> {
  try {
    return { status: 'fulfilled', value: await verb(name) }
  } catch (reason) {
    return { status: 'rejected', reason }
  }
}

/** A verb that prints the name it was given. */
export const named =
  (verb: (name: string) => Promise<unknown>): Verb =>
  async name => {
    await verb(name)
    return name
  }
