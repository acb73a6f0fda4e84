import type { Flags } from '../cli/flag.ts'
import { parseFlags } from '../cli/parse.ts'
import { UsageError } from '../cli/usage-error.ts'

/** A command line that made something, taken apart. */
export interface CreateCommand {
  /** Between the program and the verb, such as `--root /x`. */
  readonly root: readonly string[]
  readonly options: readonly string[]
  /** Image and command, or a pod's name. */
  readonly rest: readonly string[]
  given(name: string): boolean
  value(name: string): unknown
}

/** Takes what follows the verb apart with the flags of the command. @throws UsageError */
export function takeApart(words: readonly string[], verbEnds: number, { flags, verbLength }: Grammar): CreateCommand {
  const own = words.slice(verbEnds)
  const parsed = parsedBy(own, flags)
  const values: Readonly<Record<string, unknown>> = parsed.values
  return {
    root: words.slice(1, verbEnds - verbLength),
    options: own.slice(0, own.length - parsed.args.length),
    rest: own.slice(own.length - parsed.args.length),
    given: name => parsed.given.has(name),
    value: name => values[name],
  }
}

export interface Grammar {
  readonly flags: Flags
  /** How many words the verb is. */
  readonly verbLength: number
}

function parsedBy(words: readonly string[], flags: Flags) {
  try {
    return parseFlags(words, flags, { flagsStand: 'before' })
  } catch (error) {
    throw new UsageError(`parsing remaining command-line arguments: ${error instanceof Error ? error.message : error}`)
  }
}

/** Options without those of these names: `valued` ones go with their value. */
export function without(
  options: readonly string[],
  { valued, switches }: { readonly valued: readonly string[]; readonly switches: readonly string[] },
): readonly string[] {
  const names = [...valued, ...switches]
  return options.filter((word, at) => {
    if (at > 0 && valued.includes(options[at - 1] ?? '')) return false
    return !names.some(name => word === name || word.startsWith(`${name}=`))
  })
}
