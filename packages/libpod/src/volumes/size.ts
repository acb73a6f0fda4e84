import { type BigIntStats, lstatSync, readdirSync } from 'node:fs'

/** Bytes of the files below a directory, each once however many links it has. Links are not followed. */
export function directorySize(path: string): number {
  const seen = new Set<string>()
  let total = 0n
  const visit = (at: Buffer): void => {
    for (const entry of list(at)) {
      const stat = statOf(Buffer.concat([at, Buffer.from('/'), entry]))
      if (!stat) continue
      if (stat.isDirectory()) visit(Buffer.concat([at, Buffer.from('/'), entry]))
      const id = `${stat.dev}:${stat.ino}`
      if (stat.nlink > 1n && !stat.isDirectory() && seen.has(id)) continue
      seen.add(id)
      total += stat.size
    }
  }
  visit(Buffer.from(path))
  return Number(total)
}

/** What vanishes meanwhile counts nothing. */
function list(at: Buffer): readonly Buffer[] {
  try {
    return readdirSync(at, { encoding: 'buffer' })
  } catch {
    return []
  }
}

function statOf(path: Buffer): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })
}
