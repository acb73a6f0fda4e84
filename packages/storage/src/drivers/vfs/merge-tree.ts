import { type BigIntStats, chmodSync, lchownSync, lstatSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { lgetxattr, llistxattr, lremovexattr, lsetxattr, lutimesNs } from '@libpod/syscall'
import { removeTree } from '../../rooted/remove.ts'

/**
 * Carries out in `target` what an unpacked layer says, moving its files there: character devices 0:0 delete, opaque
 * directories empty what was there. Both trees are nobody else's while this runs. With `target` the unpacked tree
 * itself, only the marks of deletion are taken away.
 */
export function mergeTree(unpacked: string, target: string, opaqueAttribute: string): void {
  merge(Buffer.from(unpacked), Buffer.from(target), opaqueAttribute)
}

const below = (directory: Buffer, name: Buffer): Buffer => Buffer.concat([directory, Buffer.from('/'), name])

function merge(from: Buffer, to: Buffer, opaque: string): void {
  const clean = from.equals(to)
  if (lgetxattr(from, opaque) !== undefined) {
    lremovexattr(from, opaque)
    if (!clean) for (const name of readdirSync(to, { encoding: 'buffer' })) removeTree(below(to, name))
  }
  for (const name of readdirSync(from, { encoding: 'buffer' })) mergeEntry(below(from, name), below(to, name), opaque)
}

function mergeEntry(from: Buffer, to: Buffer, opaque: string): void {
  const stat = lstatSync(from, { bigint: true })
  if (stat.isCharacterDevice() && stat.rdev === 0n) {
    removeTree(to)
    return
  }
  if (from.equals(to)) {
    if (stat.isDirectory()) merge(from, to, opaque)
    return
  }
  const old = lstatSync(to, { throwIfNoEntry: false })
  if (!stat.isDirectory()) {
    if (old?.isDirectory()) removeTree(to)
    renameSync(from, to)
    return
  }
  if (old && !old.isDirectory()) removeTree(to)
  if (!old?.isDirectory()) mkdirSync(to, { mode: 0o700 })
  merge(from, to, opaque)
  dress(from, to, stat)
}

function dress(from: Buffer, to: Buffer, stat: BigIntStats): void {
  lchownSync(to, Number(stat.uid), Number(stat.gid))
  chmodSync(to, Number(stat.mode) & 0o7777)
  for (const name of llistxattr(from)) {
    const value = lgetxattr(from, name)
    if (value) lsetxattr(to, name, value)
  }
  lutimesNs(to, stat.atimeNs, stat.mtimeNs)
}
