import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createNetns, MS_BIND, MS_REC, MS_SHARED, mount, randomBytes, removeNetns, SyscallError } from '@libpod/syscall'
import { isNested } from '../host/nested.ts'

/** Where network namespaces are pinned. */
export function netnsDirectory(rootless: 'yes' | 'no', env: NodeJS.ProcessEnv = process.env): string {
  return rootless === 'yes'
    ? join(env.XDG_RUNTIME_DIR ?? `/tmp/podman-run-${process.getuid?.() ?? 0}`, 'netns')
    : '/run/netns'
}

/** A path for a namespace that is yet to be made: whoever is killed while making it has written down where it is. */
export const newNetnsPath = (rootless: 'yes' | 'no'): string => join(netnsDirectory(rootless), `netns-${uuid()}`)

/**
 * Makes a network namespace with `lo` up, pinned at the path of {@link newNetnsPath}. It lives until
 * {@link removeContainerNetns}. @throws SyscallError EPERM
 */
export function createContainerNetns(path: string): void {
  makePlace(path)
  if (isNested()) createApart(path)
  else createNetns(path)
}

/** A namespace that belongs to another user namespace, as the one of this thread does then, cannot be come back to. */
function createApart(path: string): void {
  writeFileSync(path, '', { mode: 0o444, flag: 'wx' })
  try {
    execFileSync('unshare', [`--net=${path}`, '--', 'true'], { stdio: 'pipe' })
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  }
}

/** Pins the network namespace of a process that was made with one of its own, likewise. @throws SyscallError EPERM, ENOENT */
export function pinContainerNetns(path: string, pid: number): void {
  makePlace(path)
  writeFileSync(path, '', { mode: 0o444, flag: 'wx' })
  mount(`/proc/${pid}/ns/net`, path, 'none', MS_BIND)
}

function makePlace(path: string): void {
  const directory = dirname(path)
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  shareMounts(directory)
}

const uuid = () =>
  randomBytes(16)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

/** Without this, a mount namespace that was copied meanwhile would keep a pinned namespace alive for ever. */
function shareMounts(directory: string): void {
  try {
    mount('', directory, 'none', MS_SHARED | MS_REC)
  } catch (error) {
    if (!(error instanceof SyscallError) || error.code !== 'EINVAL') throw error
    mount(directory, directory, 'none', MS_BIND | MS_REC)
    mount('', directory, 'none', MS_SHARED | MS_REC)
  }
}

/** Unpins; whatever still runs in it keeps it alive. One that is gone already is no error. */
export function removeContainerNetns(path: string): void {
  removeNetns(path)
}

/** Of nsfs (magic.h). */
const NSFS_MAGIC = 0x6e736673

/** Whether there is a namespace at the path, and not only the file for one. */
export function isPinned(path: string): boolean {
  try {
    return statfsSync(path).type === NSFS_MAGIC
  } catch {
    return false // It was not even made.
  }
}

/** Removes a place where no namespace is pinned, yet or any more, because its engine was killed: plugins fail over such a file. */
export function removeEmptyPlace(path: string): void {
  if (!isPinned(path)) removeNetns(path)
}
