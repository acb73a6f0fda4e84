import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { lgetxattr, llistxattr } from '@libpod/syscall'

/** Everything about a tree that an archive can say, a line per file, for comparing two. */
export function treeLines(root: string): string[] {
  const links = new Map<string, string>()
  const lines: string[] = []
  const visit = (path: Buffer, shown: string): void => {
    const stat = lstatSync(path, { bigint: true })
    const key = `${stat.ino}`
    const first = stat.isDirectory() ? undefined : links.get(key)
    if (first === undefined) links.set(key, shown)
    const content = stat.isFile()
      ? createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 12)
      : stat.isSymbolicLink()
        ? readlinkSync(path, { encoding: 'buffer' }).toString('latin1')
        : String(stat.rdev)
    const xattrs = llistxattr(path)
      .sort()
      .map(name => `${name}=${lgetxattr(path, name)?.toString('hex')}`)
    const what = [shown, stat.mode.toString(8), stat.uid, stat.gid, stat.mtimeNs, first ?? '', content, ...xattrs]
    if (shown !== '') lines.push(what.join(' '))
    if (!stat.isDirectory()) return
    for (const name of readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare)) {
      visit(Buffer.concat([path, Buffer.from('/'), name]), `${shown}/${name.toString('latin1')}`)
    }
  }
  visit(Buffer.from(root), '')
  return lines
}
