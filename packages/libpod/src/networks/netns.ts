import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createNetns, MS_BIND, MS_REC, MS_SHARED, mount, randomBytes, removeNetns, SyscallError } from '@libpod/syscall'

/** Where network namespaces are pinned (interop E11). */
export function netnsDirectory(rootless: 'yes' | 'no', env: NodeJS.ProcessEnv = process.env): string {
  return rootless === 'yes'
    ? join(env.XDG_RUNTIME_DIR ?? `/tmp/podman-run-${process.getuid?.() ?? 0}`, 'netns')
    : '/run/netns'
}

/**
 * Makes a network namespace with `lo` up, pinned at a new path that is returned. It lives until {@link removeContainerNetns}.
 * @throws SyscallError EPERM
 */
export function createContainerNetns(rootless: 'yes' | 'no'): string {
  const directory = netnsDirectory(rootless)
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  shareMounts(directory)
  const path = join(directory, `netns-${uuid()}`)
  createNetns(path)
  return path
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
