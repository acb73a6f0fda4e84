import { createHash } from 'node:crypto'
import type { Bytes } from '../../src/index.ts'
import { cleanPath } from '../../src/rooted/clean-path.ts'
import { TarReader } from '../../src/tar/reader.ts'

/** Everything that an archive says, a line per entry, sorted by name; times in whole seconds. */
export async function entryLines(tar: Bytes): Promise<string[]> {
  const lines: string[] = []
  let hash = createHash('sha256')
  const reader = new TarReader({
    structure: () => {},
    entry: () => {
      hash = createHash('sha256')
    },
    data: bytes => void hash.update(bytes),
    entryEnd: entry => {
      const xattrs = [...entry.xattrs].map(([name, value]) => `${name}=${value.toString('hex')}`).sort()
      const device = entry.kind === 'character' || entry.kind === 'block' ? `${entry.devMajor},${entry.devMinor}` : ''
      const content = entry.stored > 0 ? hash.digest('hex').slice(0, 12) : ''
      lines.push(
        [
          ...[cleanPath(entry.name), entry.kind, entry.mode.toString(8), entry.uid, entry.gid, entry.size],
          // The time of a deletion is nobody's: some say when it was told, others nothing.
          ...[/(?:^|\/)\.wh\./.test(entry.name) ? '' : entry.mtimeNs / 1_000_000_000n],
          ...[entry.linkName, device, content, ...xattrs],
        ].join(' '),
      )
    },
  })
  for await (const chunk of tar) reader.push(Buffer.from(chunk))
  reader.end()
  return lines.sort()
}
