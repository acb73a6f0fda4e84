/** Writes a manual page for every command, from what the command itself says: dist/man/podman-run.1 and so on. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { manPage } from '../src/cli/man.ts'
import type { Table } from '../src/cli/table.ts'
import { table } from '../src/commands/table.ts'
import { podmanVersion } from '../src/version.ts'

const folder = join(import.meta.dirname, '../dist/man')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })

async function write(commands: Table, above: string): Promise<void> {
  for (const [name, row] of Object.entries(commands)) {
    const path = `${above} ${name}`
    if ('commands' in row) await write(row.commands, path)
    else if (row.hidden !== 'yes') {
      const { command } = await row.load()
      writeFileSync(join(folder, `${path.replaceAll(' ', '-')}.1`), manPage(path, command, podmanVersion))
    }
  }
}

await write(table, 'podman')
