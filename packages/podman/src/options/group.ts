import type { Flags, FlagValues } from '../cli/flag.ts'

/** What a front door may look up while it translates: the caller's environment and files. */
export interface Caller {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Absolute; relative paths of options start here. */
  readonly directory: string
  readText(path: string): string
}

/** The options about one noun, and their only translation into the engine's spec. */
export interface OptionGroup<F extends Flags, Part> {
  readonly flags: F
  toSpec(values: FlagValues<F>, caller: Caller): Part
}

export const optionGroup = <const F extends Flags, Part>(group: OptionGroup<F, Part>): OptionGroup<F, Part> => group
