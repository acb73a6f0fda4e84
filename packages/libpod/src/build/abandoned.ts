import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { removeTree } from '@libpod/storage'
import { tryLock } from '@libpod/syscall'
import { unmountBelow } from '../host/mounts.ts'
import { wordsOf } from '../host/strays.ts'

/** How names of the directories of builds begin. */
export const buildPrefix = 'podman-build-'

/**
 * Says that the build of this directory goes on, until it is disposed of or the process ends: by a lock, which holds for processes
 * in other namespaces as well, whose numbers say nothing here.
 */
export function markLiving(directory: string): Disposable {
  const made = join(directory, 'lock.new')
  const fd = openSync(made, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600)
  using undo = new DisposableStack()
  undo.adopt(fd, closeSync)
  // It has its name when it is held: who finds it free knows that nobody is left. Where it cannot be held, the directory is let be.
  if (tryLock(fd, 'write')) renameSync(made, lockOf(directory))
  return undo.move()
}

/** Removes what builds have left in `parent` whose process was killed, and whose Buildah is gone as well. What resists is left. */
export function sweepAbandoned(parent: string): void {
  for (const path of directoriesIn(parent)) {
    try {
      if (isOwn(path)) sweep(path)
    } catch {}
  }
}

function directoriesIn(parent: string): readonly string[] {
  try {
    const names = readdirSync(parent).filter(name => name.startsWith(buildPrefix))
    return names.map(name => join(parent, name))
  } catch {
    return []
  }
}

const lockOf = (directory: string): string => join(directory, 'lock')

/** Everybody may write where temporary files are. */
function isOwn(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats?.isDirectory() === true && stats.uid === process.geteuid?.()
}

function sweep(directory: string): void {
  const fd = openLock(directory)
  if (fd === undefined) return
  try {
    if (!tryLock(fd, 'write') || hasBuildah(directory)) return
    const isThere = statSync(lockOf(directory), { throwIfNoEntry: false })?.ino === fstatSync(fd).ino
    if (!isThere) return // Another was quicker.
    unmountBelow(directory)
    removeTree(directory)
  } finally {
    closeSync(fd)
  }
}

/** Undefined where there is none: it is made by another version, or being made or removed. */
function openLock(directory: string): number | undefined {
  try {
    return openSync(lockOf(directory), constants.O_RDWR | constants.O_NOFOLLOW)
  } catch {
    return undefined
  }
}

/** It outlives an engine that is killed by a little. */
const hasBuildah = (directory: string): boolean =>
  readdirSync('/proc').some(
    pid => /^\d+$/.test(pid) && wordsOf(pid, 'environ').some(word => word.startsWith(`TMPDIR=${directory}/`)),
  )
