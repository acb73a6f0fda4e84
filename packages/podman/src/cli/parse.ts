import type { Flag, Flags, FlagValues } from './flag.ts'
import { UsageError } from './usage-error.ts'

/** What a command line says: values by flag name, the names that were given, and the arguments left. */
export interface Parsed<F extends Flags> {
  readonly values: FlagValues<F>
  readonly given: ReadonlySet<keyof F & string>
  readonly args: readonly string[]
}

/** Thrown for `--help` and `-h` so that the caller prints the help of the command at hand. */
export class HelpRequested extends Error {}

export interface ParseOptions {
  /** `anywhere`: flags may stand between arguments; `before`: the first argument ends them; `nowhere`: only `--help` is one. */
  readonly flagsStand: 'anywhere' | 'before' | 'nowhere'
}

/**
 * Reads flags the way Podman's users know: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-it`, `--` ends flags.
 * Throws UsageError with Podman's wording.
 */
export function parseFlags<F extends Flags>(argv: readonly string[], flags: F, options: ParseOptions): Parsed<F> {
  const reader = new Reader(argv, flags)
  reader.read(options.flagsStand)
  const values: Record<string, unknown> = {}
  for (const [name, flag] of Object.entries(flags))
    values[name] = reader.seen.has(name) ? reader.seen.get(name) : flag.default
  return { values: values as FlagValues<F>, given: new Set(reader.seen.keys()), args: reader.args }
}

/** Spellings of the past and of Docker, for flags that a command has. */
const otherNames: Readonly<Record<string, string>> = {
  'dns-opt': 'dns-option',
  'healthcheck-command': 'health-cmd',
  'healthcheck-interval': 'health-interval',
  'healthcheck-retries': 'health-retries',
  'healthcheck-start-period': 'health-start-period',
  'healthcheck-timeout': 'health-timeout',
  net: 'network',
  notruncate: 'no-trunc',
  'override-arch': 'arch',
  'override-os': 'os',
  'override-variant': 'variant',
  namespace: 'ns',
  purge: 'rm',
  storage: 'external',
  timeout: 'time',
}

class Reader {
  readonly seen = new Map<string, unknown>()
  readonly args: string[] = []
  readonly #argv: readonly string[]
  readonly #flags: Flags
  readonly #shorts = new Map<string, string>()
  #at = 0

  constructor(argv: readonly string[], flags: Flags) {
    this.#argv = argv
    this.#flags = flags
    for (const [name, flag] of Object.entries(flags)) if (flag.short) this.#shorts.set(flag.short, name)
  }

  read(flagsStand: ParseOptions['flagsStand']): void {
    if (flagsStand === 'nowhere') this.#takeAll()
    while (this.#at < this.#argv.length) {
      const word = this.#argv[this.#at++] ?? ''
      const last = word === '--' || (flagsStand === 'before' && !isFlag(word))
      if (word.startsWith('--') && !last) this.#long(word.slice(2))
      else if (isFlag(word) && !last) this.#cluster(word.slice(1))
      else if (word !== '--') this.args.push(word)
      if (last) this.args.push(...this.#argv.slice(this.#at))
      if (last) break
    }
  }

  #takeAll(): void {
    const first = this.#argv.findIndex(word => !isFlag(word))
    const leading = first < 0 ? this.#argv : this.#argv.slice(0, first)
    if (leading.includes('--help') || leading.includes('-h')) throw new HelpRequested()
    this.args.push(...this.#argv)
    this.#at = this.#argv.length
  }

  #long(body: string): void {
    const equals = body.indexOf('=')
    const name = equals < 0 ? body : body.slice(0, equals)
    if (name === '' || name.startsWith('-')) throw new UsageError(`bad flag syntax: --${body}`)
    const known = this.#named(name)
    const flag = this.#flag(known)
    const text = equals < 0 ? (flag.bareValue ?? this.#next(`--${name}`)) : body.slice(equals + 1)
    this.#set(known, flag, text)
  }

  /** The flag that is meant: `ps --namespace` is its own `--ns` and not the flag that every command has. */
  #named(name: string): string {
    const other = otherNames[name]
    return other !== undefined && Object.hasOwn(this.#flags, other) ? other : name
  }

  #flag(name: string): Flag<unknown> {
    const flag = Object.hasOwn(this.#flags, name) ? this.#flags[name] : undefined
    if (flag) return flag
    throw name === 'help' ? new HelpRequested() : new UsageError(`unknown flag: --${name}`)
  }

  /** `-abc`: switches, of which the last may take the rest, or the next word, as its value. */
  #cluster(letters: string): void {
    for (let i = 0; i < letters.length; i++) {
      const name = this.#shortFlag(letters, i)
      const flag = this.#flag(name)
      const rest = letters.slice(i + 1)
      if (flag.bareValue !== undefined && !rest.startsWith('=')) {
        this.#set(name, flag, flag.bareValue)
        continue
      }
      const inline = rest.startsWith('=') ? rest.slice(1) : rest
      this.#set(name, flag, rest === '' ? this.#next(`'${letters[i]}' in -${letters.slice(i)}`) : inline)
      break
    }
  }

  #shortFlag(letters: string, at: number): string {
    const letter = letters[at] ?? ''
    const name = this.#shorts.get(letter)
    if (name !== undefined) return name
    throw letter === 'h' ? new HelpRequested() : new UsageError(`unknown shorthand flag: '${letter}' in -${letters}`)
  }

  #next(what: string): string {
    const word = this.#argv[this.#at++]
    if (word === undefined) throw new UsageError(`flag needs an argument: ${what}`)
    return word
  }

  #set(name: string, flag: Flag<unknown>, text: string): void {
    try {
      this.seen.set(name, flag.parse(text, this.seen.get(name)))
    } catch (error) {
      const spelling = flag.short ? `-${flag.short}, --${name}` : `--${name}`
      const reason = error instanceof Error ? error.message : String(error)
      throw new UsageError(`invalid argument ${JSON.stringify(text)} for "${spelling}" flag: ${reason}`)
    }
  }
}

const isFlag = (word: string) => word.startsWith('-') && word.length > 1
