import type { AnyCommand } from './command.ts'
import type { Flag } from './flag.ts'

/** A page of section 1 for a command, in the macros of man(7). */
export function manPage(path: string, command: AnyCommand, version: string): string {
  const { summary, description = summary, usage, aliases = [], examples = [] } = command
  const name = path.replaceAll(' ', '-')
  const options = Object.entries(command.flags)
    .filter(([, flag]) => flag.hidden === 'no')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  const sections = [
    `.TH ${name.toUpperCase()} 1 "" "podman ${version}" "General Commands Manual"`,
    section('NAME', `${roff(name)} \\- ${roff(summary)}`),
    section('SYNOPSIS', `\\fB${roff(path)}\\fR ${roff(usage)}`.trimEnd()),
    section('DESCRIPTION', roff(description)),
    ...(aliases.length > 0 ? [section('ALIASES', roff(aliases.join(', ')))] : []),
    ...(options.length > 0 ? [section('OPTIONS', options.map(([long, flag]) => option(long, flag)).join('\n'))] : []),
    ...(examples.length > 0
      ? [section('EXAMPLES', `.nf\n${examples.map(line => roff(line.replaceAll('{}', path))).join('\n')}\n.fi`)]
      : []),
    section('SEE ALSO', '\\fBpodman\\fR(1)'),
  ]
  return `${sections.join('\n')}\n`
}

const section = (title: string, text: string) => `.SH ${title}\n${text}`

function option(long: string, flag: Flag<unknown>): string {
  const label = /`([^`]+)`/.exec(flag.help)?.[1] ?? flag.label
  const names = [`\\fB\\-\\-${roff(long)}\\fR`, ...(flag.short ? [`\\fB\\-${flag.short}\\fR`] : [])].join(', ')
  const value = label === '' ? '' : `=\\fI${roff(label)}\\fR`
  const usual = flag.shownDefault === undefined ? '' : ` (default ${flag.shownDefault})`
  return `.TP\n${names}${value}\n${roff(flag.help.replaceAll('`', '') + usual)}`
}

/** Text that no macro or escape can come of. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^(?=[.'])/gm, '\\&')
