import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { randomBytes, tryLock } from '@libpod/syscall'
import { removeTree } from '../rooted/remove.ts'

/**
 * A directory for half-done work. While its owner lives it holds a record lock on the file beside it; whoever can take
 * that lock knows that the owner is dead, and cleans up.
 */
export interface TemporaryDirectory extends Disposable {
  readonly path: string
}

/** Makes `temp-dir-*` and its `lock-*` below `parent`, which is made too. */
export function makeTemporary(parent: string): TemporaryDirectory {
  mkdirSync(parent, { recursive: true, mode: 0o700 })
  for (;;) {
    const suffix = randomBytes(8).toString('hex')
    const lock = join(parent, `lock-${suffix}`)
    const fd = own(lock)
    if (fd === undefined) continue
    const path = join(parent, `temp-dir-${suffix}`)
    mkdirSync(path, { mode: 0o700 })
    return owned(path, lock, fd)
  }
}

/** Released once: a descriptor's number may be somebody else's by the second time. */
function owned(path: string, lock: string, fd: number): TemporaryDirectory {
  let isOwned = true
  const dispose = (): void => {
    if (isOwned) release(path, lock, fd)
    isOwned = false
  }
  return { path, [Symbol.dispose]: dispose }
}

/** The locked lock file, undefined when a sweeper was quicker. */
function own(lock: string): number | undefined {
  const fd = openSync(lock, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o644)
  if (tryLock(fd, 'write') && statSync(lock, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino) return fd
  closeSync(fd)
  return undefined
}

function release(path: string, lock: string, fd: number): void {
  removeTree(path)
  rmSync(lock, { force: true })
  closeSync(fd)
}

/** Removes what dead owners left below `parent`; how many directories. */
export function sweepTemporaries(parent: string): number {
  const names = list(parent)
  const swept = names.filter(name => name.startsWith('temp-dir-')).filter(name => sweep(parent, name.slice(9)))
  for (const name of list(parent)) if (name.startsWith('lock-')) sweep(parent, name.slice(5))
  return swept.length
}

/** Directories of dead owners, for telling. */
export function staleTemporaries(parent: string): readonly string[] {
  const names = list(parent).filter(name => name.startsWith('temp-dir-'))
  return names.filter(name => isDead(join(parent, `lock-${name.slice(9)}`))).map(name => join(parent, name))
}

function isDead(lock: string): boolean {
  if (!existsSync(lock)) return true
  const fd = openSync(lock, constants.O_RDWR)
  try {
    return tryLock(fd, 'write')
  } finally {
    closeSync(fd)
  }
}

function sweep(parent: string, suffix: string): boolean {
  const lock = join(parent, `lock-${suffix}`)
  const fd = openSync(lock, constants.O_RDWR | constants.O_CREAT, 0o644)
  if (!tryLock(fd, 'write')) {
    closeSync(fd)
    return false
  }
  release(join(parent, `temp-dir-${suffix}`), lock, fd)
  return true
}

function list(parent: string): readonly string[] {
  try {
    return readdirSync(parent)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
