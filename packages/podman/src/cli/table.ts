import type { AnyCommand } from './command.ts'

/** A row of the command table: enough to list and find a command without loading it. */
export type Row = LeafRow | GroupRow

interface Common {
  readonly summary: string
  readonly aliases?: readonly string[]
  readonly hidden?: 'yes'
}

export interface LeafRow extends Common {
  readonly userNamespace?: AnyCommand['userNamespace']
  readonly load: () => Promise<{ readonly command: AnyCommand }>
}

export interface GroupRow extends Common {
  readonly description?: string
  readonly commands: Table
}

export type Table = Readonly<Record<string, Row>>

/** The row behind a name or an alias, with its own name. */
export function findRow(table: Table, word: string): { readonly name: string; readonly row: Row } | undefined {
  if (Object.hasOwn(table, word)) {
    const row = table[word]
    if (row) return { name: word, row }
  }
  for (const [name, row] of Object.entries(table)) if (row.aliases?.includes(word)) return { name, row }
  return undefined
}
