import { lstatSync, readdirSync } from 'node:fs'
import { close, O_DIRECTORY, O_NOFOLLOW, O_PATH, tryOpenat } from '@libpod/syscall'

/** Bytes of all files below a directory, one with several names once; directories themselves count nothing. */
export function treeSize(path: string): number {
  return sum(Buffer.from(path), new Set())
}

function sum(path: Buffer, seen: Set<string>): number {
  const fd = tryOpenat(-100, path, O_PATH | O_DIRECTORY | O_NOFOLLOW)
  if (fd < 0) return 0
  try {
    const handle = Buffer.from(`/proc/self/fd/${fd}/`)
    const names = readdirSync(handle, { encoding: 'buffer' })
    return names.reduce((total, name) => total + sizeOf(Buffer.concat([handle, name]), seen), 0)
  } finally {
    close(fd)
  }
}

function sizeOf(path: Buffer, seen: Set<string>): number {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 0
  if (stat.isDirectory()) return sum(path, seen)
  const key = `${stat.dev}:${stat.ino}`
  if (stat.nlink > 1 && seen.has(key)) return 0
  if (stat.nlink > 1) seen.add(key)
  return stat.size
}
