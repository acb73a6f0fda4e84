/**
 * Writes src/commands/table.ts from the files beside it: `pod/ps.ts` is `podman pod ps`, `pod/group.ts` describes `podman pod`.
 * Run it after adding, renaming or removing a command; a test fails when the table is stale.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AnyCommand, Group } from '../src/cli/command.ts'

const folder = join(import.meta.dirname, '../src/commands')
const target = join(folder, 'table.ts')

/** The text of the table for the commands on disk. */
export async function tableText(): Promise<string> {
  const body = await rowsOf('')
  return `// Made by scripts/table.ts from the files of this folder.\nimport type { Table } from '../cli/table.ts'\n\nexport const table: Table = {\n${body}}\n`
}

async function rowsOf(path: string): Promise<string> {
  const entries = readdirSync(join(folder, path), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  const rows: string[] = []
  for (const entry of entries) {
    const name = entry.name.replace(/\.ts$/, '')
    if (entry.isDirectory() && holdsGroup(join(path, entry.name)))
      rows.push(await groupRow(join(path, entry.name), name))
    else if (entry.isFile() && name !== 'group' && name !== 'table' && isCommand(join(path, entry.name)))
      rows.push(await leafRow(join(path, name), name))
  }
  return rows.join('')
}

const holdsGroup = (path: string) => readdirSync(join(folder, path)).includes('group.ts')
const isCommand = (path: string) =>
  /export (const command\b|\{[^}]*\bcommand\b)/.test(readFileSync(join(folder, path), 'utf8'))

async function leafRow(path: string, name: string): Promise<string> {
  const { command } = (await import(join(folder, `${path}.ts`))) as { command: AnyCommand }
  const namespace = command.userNamespace ? ` userNamespace: '${command.userNamespace}',` : ''
  return `${key(name)}: {${about(command)}${namespace} load: () => import('./${path}.ts') },\n`
}

async function groupRow(path: string, name: string): Promise<string> {
  const { group } = (await import(join(folder, path, 'group.ts'))) as { group: Group }
  const description = group.description ? ` description: ${JSON.stringify(group.description)},` : ''
  return `${key(name)}: {${about(group)}${description} commands: {\n${await rowsOf(path)}} },\n`
}

function about({ summary, aliases, hidden }: Pick<Group, 'summary' | 'aliases' | 'hidden'>): string {
  const also = aliases?.length ? ` aliases: ${JSON.stringify(aliases)},` : ''
  return ` summary: ${JSON.stringify(summary)},${also}${hidden ? " hidden: 'yes'," : ''}`
}

const key = (name: string) => (/^\w+$/.test(name) ? name : `'${name}'`)

if (import.meta.main) writeFileSync(target, await tableText())
