import { readFile } from 'node:fs/promises'
import { parse, stringify } from 'smol-toml'
import { mergeTables, type Table } from '../config/merge.ts'
import { storeOptions } from '../config/options.ts'
import type { ResolvedOptions } from '../engine.ts'

/**
 * The text of a storage.conf that says all that this host's files say, with an engine's pull options: Buildah has no option for
 * them. Undefined when it hears of them anyway. @throws StorageError CONFIG_INVALID
 */
export async function storageConfFor({
  pullOptions,
  graphDriver,
}: Pick<ResolvedOptions, 'pullOptions' | 'graphDriver'>): Promise<string | undefined> {
  const { pullOptions: heard, files } = storeOptions({})
  if (Object.entries(pullOptions).every(([key, value]) => heard[key] === value)) return undefined
  const options = { pull_options: { ...heard, ...pullOptions } }
  // A file without a driver is complained about, even where an option names it.
  const given: Table = { storage: { driver: graphDriver, options } }
  const tables: readonly Table[] = await Promise.all(files.map(async path => parse(await readFile(path, 'utf8'))))
  return stringify([...tables, given].reduce(mergeTables))
}
