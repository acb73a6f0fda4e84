import type { Flags } from './cli/flag.ts'
import { commandHelp, groupHelp, rootHelp } from './cli/help.ts'
import { findRow, type Row, type Table } from './cli/table.ts'
import { table } from './commands/table.ts'
import { ExitStatus } from './exit-codes.ts'
import { rootFlags } from './global-flags.ts'

const summary = 'Manage pods, containers and images'

/** Whoever has said which service to use needs no `--remote`. */
const withoutRemote = { ...rootFlags, remote: { ...rootFlags.remote, hidden: 'yes' as const } }

/** The help page of the command, group or program that `words` name. @throws ExitStatus with the usage, when there is none */
export async function helpPage(words: readonly string[], service: 'offered' | 'chosen' = 'offered'): Promise<string> {
  if (words.length === 0) return rootHelp(summary, table, service === 'offered' ? rootFlags : withoutRemote)
  const row = rowOf(words)
  if (!row) throw unknownTopic(words)
  const path = ['podman', ...words].join(' ')
  if ('commands' in row) return groupHelp(path, row)
  const { command } = await row.load()
  return commandHelp(path, { ...command, flags: await withConfigured(command.flags) })
}

/** Told among errors, though it is no failure. */
function unknownTopic(words: readonly string[]): ExitStatus {
  const topic = words.map(word => `\`${word}\``).join(' ')
  const usage = rootHelp(summary, table, rootFlags).slice(summary.length).trim()
  return new ExitStatus(0, `Unknown help topic [${topic}]\n${usage}`, 'as-it-is')
}

/** Defaults that containers.conf may have changed are shown as they are. */
async function withConfigured(flags: Flags): Promise<Flags> {
  if (!Object.keys(flags).some(name => Object.hasOwn(configurable, name))) return flags
  const { Engine } = await import('@libpod/libpod')
  const engine = await Engine.open().catch(() => undefined)
  await engine?.[Symbol.asyncDispose]()
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => {
      const key = configurable[name]
      const value = key && engine?.options[key]
      return [name, value === undefined ? flag : { ...flag, shownDefault: JSON.stringify(value) }]
    }),
  )
}

const configurable: Readonly<
  Record<string, 'retry' | 'retryDelay' | 'compressionFormat' | 'compressionLevel' | undefined>
> = {
  retry: 'retry',
  'retry-delay': 'retryDelay',
  'compression-format': 'compressionFormat',
  'compression-level': 'compressionLevel',
}

function rowOf(words: readonly string[]): Row | undefined {
  let commands: Table = table
  let row: Row | undefined
  for (const word of words) {
    row = findRow(commands, word)?.row
    if (!row) return undefined
    commands = 'commands' in row ? row.commands : {}
  }
  return row
}
