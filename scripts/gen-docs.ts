/**
 * Writes what the documentation says of the code: docs/errors.md from the packages' tables of codes, docs/commands.md from the
 * command table. What is stale is a failure. Usage: node --conditions=development scripts/gen-docs.ts [--write]
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './source-files.ts'

const packages = ['libpod', 'image', 'storage', 'runtime-tools', 'cni', 'conmon', 'go-template'] as const

type Codes = Readonly<Record<string, string>>

const importOf = async <T>(path: string): Promise<T> => (await import(join(repository, path))) as T

async function errorsPage(): Promise<string> {
  const sections: string[] = []
  for (const name of packages) {
    const { errorCodes } = await importOf<{ readonly errorCodes: Codes }>(`packages/${name}/src/errors.ts`)
    const rows = Object.entries(errorCodes).map(([code, sentence]) => `| \`${code}\` | ${sentence} |`)
    sections.push(`## @libpod/${name}\n\n| Code | Meaning |\n| --- | --- |\n${rows.toSorted().join('\n')}\n`)
  }
  return `# Errors

Every error of these packages has a \`code\` that keeps its meaning for ever: test it, not the class or the text. \`subject\` names the
thing concerned, \`cause\` holds what was underneath. The command line prints Podman's words and exits with 125; with 126 for
\`COMMAND_NOT_EXECUTABLE\` and 127 for \`COMMAND_NOT_FOUND\` of a container.

${sections.join('\n')}`
}

interface Row {
  readonly summary: string
  readonly aliases?: readonly string[]
  readonly hidden?: 'yes'
  readonly commands?: Readonly<Record<string, Row>>
}

async function commandsPage(): Promise<string> {
  const { table } = await importOf<{ readonly table: Readonly<Record<string, Row>> }>(
    'packages/podman/src/commands/table.ts',
  )
  const lines = Object.entries(table).flatMap(([name, row]) => commandLines(`podman ${name}`, row))
  return `# Commands

Each has a page of its own: \`podman COMMAND --help\`, or \`man podman-COMMAND\` from the folder \`dist/man\` of the package.

| Command | What it does |
| --- | --- |
${lines.join('\n')}
`
}

function commandLines(path: string, { summary, aliases = [], hidden, commands }: Row): readonly string[] {
  if (hidden === 'yes') return []
  if (commands) return Object.entries(commands).flatMap(([name, row]) => commandLines(`${path} ${name}`, row))
  const others = aliases.length > 0 ? ` (also ${aliases.map(alias => `\`${alias}\``).join(', ')})` : ''
  return [`| \`${path}\`${others} | ${summary} |`]
}

const pages = { 'docs/errors.md': errorsPage, 'docs/commands.md': commandsPage }
let stale = 0
for (const [path, page] of Object.entries(pages)) {
  const file = join(repository, path)
  const text = await page()
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
  if (process.argv.includes('--write')) writeFileSync(file, text)
  else {
    console.error(`${path} is stale: run node --conditions=development scripts/gen-docs.ts --write`)
    stale++
  }
}
process.exitCode = stale === 0 ? 0 : 1
