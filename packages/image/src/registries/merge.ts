import type { RegistriesFile } from './parse.ts'
import type { Registries, RegistryTable } from './registries.ts'

/** Lays files over one another, the later winning: tables by prefix, aliases by name, the rest whole. */
export function mergeRegistries(files: readonly RegistriesFile[]): Registries {
  const tables = new Map<string, RegistryTable>()
  const aliases = new Map<string, string>()
  const origins = new Map<string, string>()
  for (const file of files) {
    for (const table of file.tables) tables.set(table.prefix, table)
    for (const [name, target] of file.aliases) {
      aliases.set(name, target)
      origins.set(name, file.path)
    }
  }
  const search = files.findLast(file => file.unqualifiedSearch !== undefined)
  return {
    unqualifiedSearch: search?.unqualifiedSearch ?? [],
    credentialHelpers: last(files, 'credentialHelpers') ?? ['containers-auth.json'],
    shortNameMode: last(files, 'shortNameMode') ?? 'permissive',
    tables: [...tables.values()],
    aliases: new Map([...aliases].filter(([, target]) => target !== '')),
    origin: { search: (search ?? files[0])?.path ?? '', aliases: origins },
  }
}

const last = <K extends keyof RegistriesFile>(
  files: readonly RegistriesFile[],
  key: K,
): RegistriesFile[K] | undefined => files.findLast(file => file[key] !== undefined)?.[key]
