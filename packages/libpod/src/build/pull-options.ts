import { readFile } from 'node:fs/promises'
import { parse, stringify, type TomlTable } from 'smol-toml'
import { storeOptions } from '../config/options.ts'
import type { ResolvedOptions } from '../engine.ts'

/**
 * The text of a storage.conf that says all that this host's files say, with an engine's pull options: Buildah has no option for
 * them. Undefined when it hears of them anyway. @throws StorageError CONFIG_INVALID
 */
export async function storageConfFor({
  pullOptions,
}: Pick<ResolvedOptions, 'pullOptions'>): Promise<string | undefined> {
  const { pullOptions: heard, files } = storeOptions({})
  if (Object.entries(pullOptions).every(([key, value]) => heard[key] === value)) return undefined
  const given: TomlTable = { storage: { options: { pull_options: { ...heard, ...pullOptions } } } }
  const tables = await Promise.all(files.map(async path => parse(await readFile(path, 'utf8'))))
  return stringify([...tables, given].reduce(merged))
}

/** Later values win; tables in both are merged. */
function merged(earlier: TomlTable, later: TomlTable): TomlTable {
  const result = { ...earlier }
  for (const [key, value] of Object.entries(later)) {
    const before = result[key]
    result[key] = isTable(before) && isTable(value) ? merged(before, value) : value
  }
  return result
}

const isTable = (value: TomlTable[string] | undefined): value is TomlTable =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
