import test from 'ava'
import { noArguments } from '../../src/cli/arguments.ts'
import { defineCommand } from '../../src/cli/command.ts'
import { bool, string } from '../../src/cli/flag.ts'
import { manPage } from '../../src/cli/man.ts'
import type { Table } from '../../src/cli/table.ts'
import { table } from '../../src/commands/table.ts'

test('text cannot become macros or escapes', t => {
  const command = defineCommand({
    summary: 'Does\n.it \\fB',
    usage: '[options]',
    examples: ["{} 'x'", "'quoted'"],
    flags: { all: bool('All of `it`', { short: 'a' }), name: string('.hidden file', { default: 'x' }) },
    args: noArguments,
    run: async () => 0,
  })
  t.is(
    manPage('podman do it', command, '1.0'),
    `.TH PODMAN-DO-IT 1 "" "podman 1.0" "General Commands Manual"
.SH NAME
podman\\-do\\-it \\- Does
\\&.it \\efB
.SH SYNOPSIS
\\fBpodman do it\\fR [options]
.SH DESCRIPTION
Does
\\&.it \\efB
.SH OPTIONS
.TP
\\fB\\-\\-all\\fR, \\fB\\-a\\fR=\\fIit\\fR
All of it
.TP
\\fB\\-\\-name\\fR=\\fIstring\\fR
\\&.hidden file (default "x")
.SH EXAMPLES
.nf
podman do it 'x'
\\&'quoted'
.fi
.SH SEE ALSO
\\fBpodman\\fR(1)
`,
  )
})

async function pages(commands: Table, above: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const [name, row] of Object.entries(commands))
    if ('commands' in row) found.push(...(await pages(row.commands, `${above} ${name}`)))
    else found.push(manPage(`${above} ${name}`, (await row.load()).command, '1.0'))
  return found
}

test('every command has a page of known macros', async t => {
  const all = await pages(table, 'podman')
  t.true(all.length > 100)
  for (const page of all)
    for (const line of page.split('\n')) t.regex(line, /^(?:[^.']|$|\.(?:TH|SH|TP|nf|fi)\b)/, page.split('\n')[0])
})
