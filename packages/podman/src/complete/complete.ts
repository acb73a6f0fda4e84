import type { Engine } from '@libpod/libpod'
import type { Flag, Flags } from '../cli/flag.ts'
import type { Table } from '../cli/table.ts'
import { type ArgumentKind, argumentKinds } from './arguments.ts'
import { type Cursor, findCursor, type Known } from './cursor.ts'
import { formatSuggestions } from './fields.ts'
import { flagWords } from './flag-words.ts'
import { finders, type Suggestion } from './names.ts'
import { imageOf, pathInContainer, pathInImage } from './paths.ts'

/** What the shell is to do with the words, as the completion scripts of Cobra's programs understand it. */
export type Directive = 'Default' | 'NoFileComp' | 'NoSpace' | 'NoSpace, NoFileComp'

export interface Completion {
  readonly words: readonly Suggestion[]
  readonly directive: Directive
}

export type OpenEngine = (globals: readonly string[]) => Promise<Engine>

/** What the word `typed` behind `before` may become. */
export async function complete(
  { before, typed }: { readonly before: readonly string[]; readonly typed: string },
  known: Known,
  open: OpenEngine,
): Promise<Completion> {
  const cursor = await findCursor(before, typed, known)
  const { place } = cursor
  const engine = () => open(cursor.globals)
  switch (place.at) {
    case 'command':
      return begins(commandNames(place.commands), typed)
    case 'flag':
      return begins(flagNames(place.flags), typed)
    case 'value':
      return flagValue(place, cursor, engine)
    case 'argument':
      return argument({ cursor, index: place.index, typed }, engine)
  }
}

const begins = (words: readonly Suggestion[], typed: string, directive: Directive = 'NoFileComp'): Completion => ({
  words: words.filter(({ text }) => text.startsWith(typed)),
  directive,
})

const commandNames = (commands: Table): readonly Suggestion[] =>
  Object.entries(commands)
    .filter(([, row]) => row.hidden !== 'yes')
    .map(([text, { summary }]) => ({ text, about: summary }))

function flagNames(flags: Flags): readonly Suggestion[] {
  const shown = Object.entries(flags).filter(([, flag]) => flag.hidden === 'no')
  const long = shown.map(([name, flag]) => ({ text: `--${name}`, about: flag.help }))
  const short = shown.flatMap(([, flag]) => (flag.short ? [{ text: `-${flag.short}`, about: flag.help }] : []))
  return [...long, { text: '--help', about: 'help' }, ...short]
}

interface Value {
  readonly name: string
  readonly flag: Flag<unknown>
  readonly typed: string
}

/** Flags whose values are names of a kind. */
const flagKinds: Readonly<Record<string, ArgumentKind>> = {
  network: 'network',
  pod: 'pod',
  'pod-id-file': 'file',
  requires: 'container',
  secret: 'secret',
  'volumes-from': 'container',
}

async function flagValue(
  { name, flag, typed }: Value,
  cursor: Cursor,
  engine: () => Promise<Engine>,
): Promise<Completion> {
  const words = flag.words ?? flagWords[name]?.()
  if (words)
    return begins(
      words.map(text => ({ text })),
      typed,
    )
  if (name === 'format') return formatValue(typed, cursor, engine)
  const kind = flagKinds[name]
  if (kind && kind !== 'file') return namesOf([kind], { typed, cursor }, engine)
  const isPath =
    kind === 'file' ||
    /file|dir|path|root|policy|conmon|imagestore|conf|key|^(in|out)put$|^out$|^volume$|^tls-|^identity$/.test(name)
  return { words: [], directive: isPath ? 'Default' : 'NoFileComp' }
}

async function formatValue(
  typed: string,
  { command, args }: Cursor,
  engine: () => Promise<Engine>,
): Promise<Completion> {
  const fields = await command?.templateFields?.(args, engine)
  const words = formatSuggestions(typed, fields).map(text => ({ text }))
  return { words, directive: typed.includes('{{') && words.length > 0 ? 'NoSpace, NoFileComp' : 'NoFileComp' }
}

interface Argument {
  readonly cursor: Cursor
  readonly index: number
  readonly typed: string
}

async function argument({ cursor, index, typed }: Argument, engine: () => Promise<Engine>): Promise<Completion> {
  const kinds = argumentKinds(cursor.command?.usage ?? '', index)
  const image = imageOf(cursor.words, cursor.args)
  if (image !== undefined) return elsewhere(async () => pathInImage(image, typed, await engine()))
  if (kinds.includes('container-path') && typed.includes(':'))
    return elsewhere(async () => pathInContainer(typed, await engine()))
  if (kinds.includes('container-path')) {
    const { words } = await namesOf(['container'], { typed, cursor }, engine)
    return { words: words.map(({ text }) => ({ text: `${text}:` })), directive: 'NoSpace' }
  }
  return namesOf(kinds, { typed, cursor }, engine)
}

/** What cannot be looked at is left to the shell. */
const elsewhere = (look: () => Promise<Completion>): Promise<Completion> =>
  look().catch(() => ({ words: [], directive: 'Default' }))

async function namesOf(
  kinds: readonly ArgumentKind[],
  { typed, cursor }: { readonly typed: string; readonly cursor: Cursor },
  engine: () => Promise<Engine>,
): Promise<Completion> {
  const words: Suggestion[] = []
  for (const kind of kinds)
    if (kind !== 'file' && kind !== 'container-path')
      words.push(...(await finders[kind](await engine(), typed, cursor.words.at(-1) ?? '')))
  const unused = words.filter(({ text }) => !cursor.args.includes(text))
  return begins(unused, typed, kinds.includes('file') ? 'Default' : 'NoFileComp')
}
