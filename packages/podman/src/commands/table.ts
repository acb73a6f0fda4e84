// Made by scripts/table.ts from the files of this folder.
import type { Table } from '../cli/table.ts'

export const table: Table = {
  container: {
    summary: 'Manage containers',
    commands: {
      exists: { summary: 'Check if a container exists in local storage', load: () => import('./container/exists.ts') },
    },
  },
}
