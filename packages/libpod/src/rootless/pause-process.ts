import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { constants as sysConstants } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { signalProcess, tryLock } from '@libpod/syscall'
import { type Namespaces, openNamespaces } from './namespaces.ts'

/**
 * A user has one user namespace, which a process that does nothing keeps; its pid is where Podman looks for it.
 */
export const pauseFile = (runtimeDirectory: string): string => join(runtimeDirectory, 'libpod/tmp/pause.pid')

/** The pid in the file, when it is the user's; undefined when there is none. */
export function readPause(path: string, uid: number): number | undefined {
  try {
    using file = opened(path, constants.O_RDONLY)
    return pidIn(file.fd, uid)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function pidIn(fd: number, uid: number): number | undefined {
  const found = fstatSync(fd)
  const text = found.isFile() && found.uid === uid && found.size < 16 ? readFileSync(fd, 'latin1').trim() : ''
  return /^[1-9][0-9]{0,9}$/.test(text) ? Number(text) : undefined
}

const opened = (path: string, flags: number) => {
  const fd = openSync(path, flags | constants.O_NOFOLLOW)
  return { fd, [Symbol.dispose]: () => closeSync(fd) }
}

/** The namespaces that the user's pause process keeps, when one runs. */
export function joinPause(path: string, uid: number): Namespaces | undefined {
  const pid = readPause(path, uid)
  return pid === undefined ? undefined : openNamespaces(pid, uid)
}

/** Makes a process the user's pause process, unless there is a file of another by now; whether it is. */
export function publishPause(path: string, pid: number): boolean {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, String(pid), { mode: 0o600 })
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Milliseconds between two attempts to get the file's lock, which is held for a moment only. */
const pause = 5

/** Removes the file of a pause process that is none any more; Podman holds the same lock while it looks and removes. */
export async function forgetStale(path: string, uid: number): Promise<void> {
  try {
    using file = opened(path, constants.O_RDWR)
    while (!tryLock(file.fd, 'write')) await delay(pause)
    const { ino } = fstatSync(file.fd)
    if (statSync(path).ino !== ino) return
    const pid = pidIn(file.fd, uid)
    using namespaces = pid === undefined ? undefined : openNamespaces(pid, uid)
    if (!namespaces) rmSync(path, { force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** Ends the process that keeps the namespace that this process is in; whoever is in it already stays. */
export function endPause(): void {
  const path = pauseFile(process.env.XDG_RUNTIME_DIR ?? '')
  const pid = readPause(path, process.geteuid?.() ?? 0)
  if (pid === undefined) return
  rmSync(path, { force: true })
  signalProcess(
    pid,
    sysConstants.signals.SIGKILL,
    () => readlinkSync(`/proc/${pid}/ns/user`) === readlinkSync('/proc/self/ns/user'),
  )
}
