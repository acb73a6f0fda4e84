import { parseFlags } from '../cli/parse.ts'
import { table } from '../commands/table.ts'
import { globalFlags, rootFlags } from '../global-flags.ts'
import { engineOpener, type Self } from '../open-engine.ts'
import type { Terminal } from '../terminal.ts'
import { type Completion, complete, type Directive } from './complete.ts'

const bits: Readonly<Record<Directive, number>> = {
  Default: 0,
  NoSpace: 2,
  NoFileComp: 4,
  'NoSpace, NoFileComp': 6,
}

export interface Question {
  /** The line behind the program's name; its last word is the one to go on with. */
  readonly line: readonly string[]
  readonly descriptions: 'with' | 'without'
}

/** Answers a completion script: a word a line, and what the shell is to do with them (cobra.dev's protocol). */
export async function replyToShell({ line, descriptions }: Question, io: Terminal, self: Self): Promise<number> {
  const before = line.slice(0, -1)
  const typed = line.at(-1) ?? ''
  const opened = new Map<string, ReturnType<typeof engineOpener>>()
  const open = (globals: readonly string[]) => {
    const { values, given: all } = parseFlags(globals, rootFlags, { flagsStand: 'anywhere' })
    const given = new Set(Object.keys(globalFlags).filter(name => all.has(name as keyof typeof rootFlags)))
    const parsed = { values, given: given as Set<keyof typeof globalFlags>, args: [] }
    const key = globals.join('\0')
    const opener = opened.get(key) ?? engineOpener(parsed, self)
    opened.set(key, opener)
    return opener.engine()
  }
  try {
    const completion = await complete({ before, typed }, { table, flags: rootFlags }, open)
    print(completion, descriptions, io)
  } catch (error) {
    io.err(`[Debug] [Error] ${error instanceof Error ? error.message : String(error)}\n`)
    print({ words: [], directive: 'NoFileComp' }, descriptions, io)
  } finally {
    for (const opener of opened.values()) await opener.close()
  }
  return 0
}

function print({ words, directive }: Completion, descriptions: Question['descriptions'], io: Terminal): void {
  const oneLine = (text: string) => text.split('\n', 1)[0] ?? ''
  const lines = words.map(({ text, about }) =>
    descriptions === 'with' && about ? `${text}\t${oneLine(about)}\n` : `${text}\n`,
  )
  io.out(`${lines.join('')}:${bits[directive]}\n`)
  io.err(
    `Completion ended with directive: ${directive
      .split(', ')
      .map(word => `ShellCompDirective${word}`)
      .join(', ')}\n`,
  )
}
