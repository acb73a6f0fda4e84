import type { Terminal } from '../terminal.ts'
import { numberOf, parseBool, parseDuration, parseInteger, splitCsv } from './values.ts'

/** One option of a command. `T` is what the command gets; `label` is the placeholder in the help text. */
export interface Flag<T> {
  readonly help: string
  readonly label: string
  readonly default: T
  /** Printed after the help text as `(default …)`; absent when the default says nothing. */
  readonly shownDefault: string | undefined
  readonly short: string | undefined
  readonly hidden: 'yes' | 'no'
  /** The value that the bare flag stands for; absent: the flag needs one. */
  readonly bareValue: string | undefined
  /** The only values there are. */
  readonly words?: readonly string[]
  /** `seen` is the value so far, or undefined for the first occurrence. Throws a plain Error with the reason. */
  parse(text: string, seen: T | undefined): T
  /** Asks the user for what a value was given without. */
  finish?(value: T, io: Terminal): Promise<T>
}

export type Flags = Readonly<Record<string, Flag<unknown>>>

/** The values, with what some were given without asked for. */
export async function finished(
  { values, given }: { readonly values: Readonly<Record<string, unknown>>; readonly given: ReadonlySet<string> },
  flags: Flags,
  io: Terminal,
): Promise<Readonly<Record<string, unknown>>> {
  const whole = { ...values }
  for (const name of given) {
    const { finish } = flags[name] ?? {}
    if (finish) whole[name] = await finish(whole[name], io)
  }
  return whole
}

/** The values of declared flags by long name; a misspelt name does not compile. */
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never }

interface Extra {
  readonly short?: string
  readonly label?: string
  readonly hidden?: 'yes'
  readonly bareValue?: string
  /** The default to show in the help when it is the engine's, not the flag's. */
  readonly shown?: string
}

function make<T>(kind: Pick<Flag<T>, 'help' | 'label' | 'default' | 'shownDefault' | 'parse'>, extra: Extra): Flag<T> {
  return {
    short: extra.short,
    hidden: extra.hidden ?? 'no',
    bareValue: extra.bareValue,
    ...kind,
    label: extra.label ?? kind.label,
    shownDefault: extra.shown ?? kind.shownDefault,
  }
}

/** A switch; `--name=false` turns it off. */
export function bool(help: string, extra: Extra & { readonly default?: boolean } = {}): Flag<boolean> {
  const shown = extra.default === true ? 'true' : undefined
  return make(
    { help, label: '', default: extra.default ?? false, shownDefault: shown, parse: parseBool },
    { bareValue: 'true', ...extra },
  )
}

/** A switch that says nothing when it is absent: the engine's configuration decides. */
export function choice(help: string, extra: Extra = {}): Flag<boolean | undefined> {
  return make(
    { help, label: '', default: undefined, shownDefault: undefined, parse: parseBool },
    { bareValue: 'true', ...extra },
  )
}

export function string(help: string, extra: Extra & { readonly default: string }): Flag<string>
export function string(help: string, extra?: Extra): Flag<string | undefined>
export function string(help: string, extra: Extra & { readonly default?: string } = {}): Flag<string | undefined> {
  const shown = extra.default ? JSON.stringify(extra.default) : undefined
  return make({ help, label: 'string', default: extra.default, shownDefault: shown, parse: text => text }, extra)
}

/** Repeatable; each occurrence may hold several values separated by commas (CSV quoting). */
export function strings(help: string, extra: Extra = {}): Flag<readonly string[]> {
  const parse = (text: string, seen: readonly string[] | undefined) => [...(seen ?? []), ...splitCsv(text)]
  return make({ help, label: 'strings', default: [], shownDefault: undefined, parse }, extra)
}

/** Repeatable; each occurrence is one value, commas included. */
export function list(help: string, extra: Extra = {}): Flag<readonly string[]> {
  const parse = (text: string, seen: readonly string[] | undefined) => [...(seen ?? []), text]
  return make({ help, label: 'stringArray', default: [], shownDefault: undefined, parse }, extra)
}

type NumberExtra = Extra & { readonly default?: number }

function numeric(label: string, parse: (text: string) => number) {
  function declare(help: string, extra: NumberExtra & { readonly default: number }): Flag<number>
  function declare(help: string, extra?: NumberExtra): Flag<number | undefined>
  function declare(help: string, extra: NumberExtra = {}): Flag<number | undefined> {
    const shown = extra.default ? String(extra.default) : undefined
    return make({ help, label, default: extra.default, shownDefault: shown, parse }, extra)
  }
  return declare
}

export const int = numeric('int', text => parseInteger(text, 'ParseInt'))
export const uint = numeric('uint', text => parseInteger(text, 'ParseUint'))
export const float = numeric('float', numberOf)

/** A Go duration such as `1m30s`; the value is in nanoseconds. */
export function duration(help: string, extra: Extra = {}): Flag<number | undefined> {
  return make({ help, label: 'duration', default: undefined, shownDefault: undefined, parse: parseDuration }, extra)
}

/** A number of seconds; any below zero is for ever. */
export function seconds(help: string, extra: Extra = {}): Flag<number | undefined> {
  const parse = (text: string): number => {
    const count = parseInteger(text, 'ParseInt')
    return count < 0 ? Number.POSITIVE_INFINITY : count
  }
  return make({ help, label: 'int', default: undefined, shownDefault: undefined, parse }, extra)
}

/** One of a few words; anything else is refused with the list. */
export function word<const W extends string>(
  help: string,
  words: readonly W[],
  extra: Extra & { readonly default?: W } = {},
): Flag<W | undefined> {
  const parse = (text: string): W => {
    const found = words.find(one => one === text)
    if (found === undefined)
      throw new Error(`${JSON.stringify(text)} is not a valid value.  Choose from: ${JSON.stringify(words.join(', '))}`)
    return found
  }
  const shown = extra.default === undefined ? undefined : JSON.stringify(extra.default)
  return { ...make({ help, label: 'string', default: extra.default, shownDefault: shown, parse }, extra), words }
}
