import type { AnyCommand } from '../cli/command.ts'
import type { Flag, Flags } from '../cli/flag.ts'
import { findRow, type Table } from '../cli/table.ts'

/** What stands where the cursor is. */
export type Place =
  | { readonly at: 'command'; readonly commands: Table }
  | { readonly at: 'flag'; readonly flags: Flags }
  | { readonly at: 'value'; readonly name: string; readonly flag: Flag<unknown>; readonly typed: string }
  | { readonly at: 'argument'; readonly index: number }

export interface Cursor {
  readonly place: Place
  /** The command of the line, once its name is complete. */
  readonly command: AnyCommand | undefined
  /** The words of the command's name. */
  readonly words: readonly string[]
  /** The arguments before the cursor, without flags. */
  readonly args: readonly string[]
  /** The flags before the command's name, as typed. */
  readonly globals: readonly string[]
}

export interface Known {
  readonly table: Table
  readonly flags: Flags
}

/** Finds out what the word `typed` behind `before` is to become. */
export async function findCursor(before: readonly string[], typed: string, known: Known): Promise<Cursor> {
  const walk = new Walk(known)
  for (const word of before) await walk.step(word)
  return walk.end(typed)
}

class Walk {
  #commands: Table
  #flags: Flags
  #command: AnyCommand | undefined
  #pending: string | undefined
  #flagsOver = false
  readonly #words: string[] = []
  readonly #args: string[] = []
  readonly #globals: string[] = []

  constructor({ table, flags }: Known) {
    this.#commands = table
    this.#flags = flags
  }

  async step(word: string): Promise<void> {
    if (this.#words.length === 0 && (this.#pending !== undefined || word.startsWith('-'))) this.#globals.push(word)
    if (this.#pending !== undefined) this.#pending = undefined
    else if (this.#isFlag(word)) this.#pending = this.#waiting(word)
    else if (word === '--' && this.#command) this.#flagsOver = true
    else if (this.#command) this.#argument(word)
    else await this.#name(word)
  }

  end(typed: string): Cursor {
    const rest = { command: this.#command, words: this.#words, args: this.#args, globals: this.#globals }
    return { ...rest, place: this.#place(typed) }
  }

  #place(typed: string): Place {
    if (this.#pending !== undefined) return this.#value(this.#pending, typed)
    if (!this.#flagsOver && typed.startsWith('-')) {
      const [, name = '', value] = /^--([^=]+)=(.*)$/s.exec(typed) ?? []
      return value === undefined ? { at: 'flag', flags: this.#flags } : this.#value(name, value)
    }
    if (!this.#command) return { at: 'command', commands: this.#commands }
    return { at: 'argument', index: this.#args.length }
  }

  #value(name: string, typed: string): Place {
    const flag = Object.hasOwn(this.#flags, name) ? this.#flags[name] : undefined
    return flag ? { at: 'value', name, flag, typed } : { at: 'flag', flags: {} }
  }

  #isFlag(word: string): boolean {
    return !this.#flagsOver && word.startsWith('-') && word.length > 1 && word !== '--'
  }

  /** The flag that the next word is the value of. */
  #waiting(word: string): string | undefined {
    if (word.includes('=')) return undefined
    const name = word.startsWith('--') ? word.slice(2) : this.#short(word.at(-1) ?? '')
    const flag = name !== undefined && Object.hasOwn(this.#flags, name) ? this.#flags[name] : undefined
    return flag && flag.bareValue === undefined ? name : undefined
  }

  #short(letter: string): string | undefined {
    return Object.entries(this.#flags).find(([, flag]) => flag.short === letter)?.[0]
  }

  #argument(word: string): void {
    this.#args.push(word)
    if (this.#command?.flagsStand === 'before') this.#flagsOver = true
  }

  async #name(word: string): Promise<void> {
    const found = findRow(this.#commands, word)
    if (!found) return
    this.#words.push(found.name)
    if ('commands' in found.row) {
      this.#commands = found.row.commands
      return
    }
    this.#command = (await found.row.load()).command
    this.#flags = this.#command.flags
  }
}
