import { absence } from './absent.ts'
import type { Flags } from './flag.ts'
import { suggest } from './suggest.ts'
import { findRow, type LeafRow, type Table } from './table.ts'
import { UsageError } from './usage-error.ts'

export interface Found {
  readonly row: LeafRow
  /** The command as typed, by its own name: `podman container rm`. */
  readonly path: string
  /** The words of `path` without `podman`. */
  readonly words: readonly string[]
  /** What stands behind them. */
  readonly rest: readonly string[]
}

/** A group without a command: its help page is shown before the error. */
export class MissingCommand extends UsageError {
  readonly words: readonly string[]
  constructor(words: readonly string[]) {
    super(`missing command '${['podman', ...words].join(' ')} COMMAND'`)
    this.words = words
  }
}

/**
 * Walks the table by the words of a command line. `help`: a group was asked for its page. `flags` are those of every command.
 * Throws UsageError.
 */
export function findCommand(
  table: Table,
  line: readonly string[],
  flags: Flags = {},
): Found | { readonly help: readonly string[] } {
  let commands = table
  for (const [depth, word] of line.entries()) {
    const above = line.slice(0, depth)
    if (word === '--help' || word === '-h') return { help: above }
    if (word.startsWith('-')) throw unknownFlag(word, above)
    const found = findRow(commands, word)
    const why = found ? undefined : absence(line.slice(0, depth + 1))
    if (why !== undefined) throw new UsageError(why)
    if (!found) throw strayFlag(line.slice(depth + 1), flags) ?? unknownCommand(word, above, commands)
    const words = [...above, found.name]
    if ('load' in found.row)
      return { row: found.row, path: ['podman', ...words].join(' '), words, rest: line.slice(depth + 1) }
    commands = found.row.commands
  }
  throw new MissingCommand(line)
}

/** A flag that no command knows is told of before the command that there is not. */
function strayFlag(words: readonly string[], flags: Flags): UsageError | undefined {
  const stray = words.find(word => word.startsWith('--') && word !== '--' && word !== '--help' && !isKnown(word, flags))
  return stray === undefined ? undefined : unknownFlag(stray, [])
}

const isKnown = (word: string, flags: Flags) => Object.hasOwn(flags, word.slice(2).split('=', 1)[0] ?? '')

function unknownFlag(word: string, above: readonly string[]): UsageError {
  const what = word.startsWith('--') ? `flag: ${word.split('=', 1)[0]}` : `shorthand flag: '${word[1]}' in ${word}`
  return new UsageError(`unknown ${what}\nSee '${['podman', ...above].join(' ')} --help'`)
}

function unknownCommand(word: string, above: readonly string[], commands: Table): UsageError {
  const path = ['podman', ...above].join(' ')
  const names = Object.keys(commands).filter(name => commands[name]?.hidden !== 'yes')
  // Like Podman, mistakes are forgiven at the top; in a group only beginnings are completed.
  const close = suggest(word, names, above.length === 0 ? 2 : 0)
  const meant = close.length > 0 ? `\nDid you mean this?\n${close.map(name => `\t${name}\n`).join('')}` : ''
  return new UsageError(
    `unrecognized command \`${path} ${word}\`\n${meant && `${meant}\n`}Try '${path} --help' for more information`,
  )
}
