import type { Engine } from '@libpod/libpod'
import type { TemplateFields } from '../complete/fields.ts'
import type { Terminal } from '../terminal.ts'
import type { ArgumentRule } from './arguments.ts'
import type { Flags, FlagValues } from './flag.ts'

/** What a command gets: typed flags, the names of those that were given, and its arguments. */
export interface Input<F extends Flags> {
  readonly flags: FlagValues<F>
  readonly given: ReadonlySet<keyof F & string>
  readonly args: readonly string[]
  /** The command as typed, such as `podman container rm`. */
  readonly path: string
}

/**
 * One command of the tree. `run` resolves to the exit status; what it throws is worded by `exit-codes.ts`. `engine` opens on
 * first call only, so a command that needs none costs nothing.
 */
export interface Command<F extends Flags> {
  /** One line of the parent's list of commands. */
  readonly summary: string
  /** The paragraph under "Description"; the summary when absent. */
  readonly description?: string
  /** What follows the command's name, such as `[options] CONTAINER [CONTAINER...]`. */
  readonly usage: string
  /** Complete example lines, from `podman` on; `{}` stands for the command as typed. */
  readonly examples?: readonly string[]
  readonly aliases?: readonly string[]
  readonly hidden?: 'yes'
  /** A plain user's command runs in that user's namespace (absent), needs `none`, or is for those `within` only. */
  readonly userNamespace?: 'none' | 'within'
  readonly flags: F
  readonly args: ArgumentRule
  /** `before`: the first argument ends the flags (run, exec); `nowhere`: all words are another program's. */
  readonly flagsStand?: 'before' | 'nowhere'
  /** What templates of `--format` may ask for; `args` are the arguments so far. */
  templateFields?(args: readonly string[], engine: () => Promise<Engine>): Promise<TemplateFields | undefined>
  run(input: Input<F>, io: Terminal, engine: () => Promise<Engine>): Promise<number>
}

/** A command with its flags' types forgotten, as the table holds it. */
export type AnyCommand = Command<Flags>

/** Checks a command against its own flags and hands it on. */
export function defineCommand<const F extends Flags>(command: Command<F>): AnyCommand {
  return command as unknown as AnyCommand
}

/** A command that only holds others. */
export interface Group {
  readonly summary: string
  readonly description?: string
  readonly aliases?: readonly string[]
  readonly hidden?: 'yes'
}

export const defineGroup = (group: Group): Group => group
