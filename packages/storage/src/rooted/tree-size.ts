import { lstatSync, readdirSync } from 'node:fs'
import { close, O_DIRECTORY, O_NOFOLLOW, O_PATH, tryOpenat } from '@libpod/syscall'
import type { Call } from '../call.ts'
import { paced } from '../paced.ts'

/** Bytes of all files below a directory, one with several names once; directories themselves count nothing. */
export function treeSize(path: string, call: Pick<Call, 'signal'> = {}): Promise<number> {
  return paced(sum(Buffer.from(path), new Set()), call)
}

function* sum(path: Buffer, seen: Set<string>): Generator<void, number> {
  const fd = tryOpenat(-100, path, O_PATH | O_DIRECTORY | O_NOFOLLOW)
  if (fd < 0) return 0
  try {
    const handle = Buffer.from(`/proc/self/fd/${fd}/`)
    let total = 0
    for (const name of readdirSync(handle, { encoding: 'buffer' })) {
      const at = Buffer.concat([handle, name])
      const stat = lstatSync(at, { throwIfNoEntry: false })
      if (stat === undefined) continue
      if (stat.isDirectory()) total += yield* sum(at, seen)
      else if (stat.nlink === 1 || isNew(`${stat.dev}:${stat.ino}`, seen)) total += stat.size
    }
    yield
    return total
  } finally {
    close(fd)
  }
}

const isNew = (key: string, seen: Set<string>): boolean => !seen.has(key) && seen.add(key).has(key)
