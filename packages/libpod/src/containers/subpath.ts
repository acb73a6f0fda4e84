import { fstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  close,
  MNT_DETACH,
  MS_BIND,
  MS_REC,
  mount,
  O_PATH,
  openat2,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  SyscallError,
  umount,
} from '@libpod/syscall'
import { LibpodError } from '../errors.ts'
import { openRoot } from './in-root.ts'

const prefix = 'subpath-'

/**
 * Pins a path inside a volume or image at a place of the engine's own, from where the runtime can bind it: links are followed within
 * the volume only, and what is swapped for a link afterwards changes nothing. Given back by {@link releaseSubPaths}.
 * @throws LibpodError SPEC_INVALID when there is nothing at the path
 */
export function pinSubPath(base: string, subPath: string, runDirectory: string): string {
  using root = openRoot(base)
  const fd = open(root.fd, subPath)
  try {
    const place = join(runDirectory, `${prefix}${fstatSync(fd).ino}-${readdirSync(runDirectory).length}`)
    if (fstatSync(fd).isDirectory()) mkdirSync(place, { mode: 0o700 })
    else writeFileSync(place, '', { mode: 0o600, flag: 'wx' })
    mount(`/proc/self/fd/${fd}`, place, 'none', MS_BIND | MS_REC)
    return place
  } finally {
    close(fd)
  }
}

function open(root: number, subPath: string): number {
  try {
    return openat2(root, subPath, { flags: O_PATH, resolve: RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS })
  } catch (cause) {
    throw new LibpodError('SPEC_INVALID', `subpath ${JSON.stringify(subPath)}: no such file or directory`, {
      subject: subPath,
      cause,
    })
  }
}

/** Takes away what was pinned: the runtime has bound it by now, or never will. Safe twice. */
export function releaseSubPaths(runDirectory: string): void {
  for (const name of pinned(runDirectory)) {
    try {
      umount(join(runDirectory, name), MNT_DETACH)
    } catch (error) {
      if (!(error instanceof SyscallError) || !['EINVAL', 'ENOENT'].includes(error.code)) throw error
    }
  }
}

function pinned(directory: string): readonly string[] {
  try {
    return readdirSync(directory).filter(name => name.startsWith(prefix))
  } catch {
    return []
  }
}
