import type { AnyCommand } from './command.ts'
import type { Flag, Flags } from './flag.ts'
import type { GroupRow, Table } from './table.ts'

/** The help page of a command, laid out as Podman's. */
export function commandHelp(path: string, command: AnyCommand): string {
  const { aliases = [], examples = [] } = command
  const named = path.split(' ').pop() ?? path
  const sections = [command.summary, section('Description', [command.description ?? command.summary])]
  sections.push(section('Usage', [`${path} ${command.usage}`.trimEnd()]))
  if (aliases.length > 0) sections.push(section('Aliases', [[named, ...aliases].join(', ')]))
  if (examples.length > 0)
    sections.push(
      section(
        'Examples',
        examples.map(line => line.replaceAll('{}', path)),
      ),
    )
  const shown = flagLines(command.flags)
  if (shown.length > 0) sections.push(`Options:\n${shown.join('\n')}`)
  return `${sections.join('\n\n')}\n`
}

/** The help page of a group: what it holds. */
export function groupHelp(path: string, group: Pick<GroupRow, 'summary' | 'description' | 'commands'>): string {
  const sections = [group.summary, section('Description', [group.description ?? group.summary])]
  sections.push(section('Usage', [`${path} [command]`]), commandList(group.commands))
  return `${sections.join('\n\n')}\n`
}

export function rootHelp(summary: string, table: Table, flags: Flags): string {
  const sections = [summary, section('Usage', ['podman [options] [command]']), commandList(table)]
  sections.push(`Options:\n${flagLines(flags).join('\n')}`)
  return `${sections.join('\n\n')}\n`
}

const section = (title: string, lines: readonly string[]) =>
  `${title}:\n${lines
    .flatMap(line => line.split('\n'))
    .map(line => `  ${line}`.trimEnd())
    .join('\n')}`

function commandList(table: Table): string {
  const rows = Object.entries(table).filter(([, row]) => row.hidden !== 'yes')
  const width = Math.max(11, ...rows.map(([name]) => name.length))
  const lines = rows.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, row]) => `  ${name.padEnd(width)} ${row.summary}`)
  return `Available Commands:\n${lines.join('\n')}`
}

function flagLines(flags: Flags): string[] {
  const rows = Object.entries(flags)
    .filter(([, flag]) => flag.hidden === 'no')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, flag]) => describe(name, flag))
  const width = Math.max(0, ...rows.map(row => row.left.length))
  return rows.map(
    ({ left, right }) => `${left.padEnd(width)}   ${right.replaceAll('\n', `\n${' '.repeat(width + 3)}`)}`,
  )
}

function describe(name: string, flag: Flag<unknown>): { left: string; right: string } {
  const quoted = /`([^`]+)`/.exec(flag.help)
  const label = quoted?.[1] ?? flag.label
  const left = `  ${flag.short ? `-${flag.short}, ` : '    '}--${name}${label === '' ? '' : ` ${label}`}`
  const help = flag.help.replaceAll('`', '')
  return { left, right: flag.shownDefault === undefined ? help : `${help} (default ${flag.shownDefault})` }
}
