import { readFileSync, readlinkSync } from 'node:fs'
import { homedir } from 'node:os'
import { close, setOnExec } from '@libpod/syscall'
import { storeOptions } from '../config/options.ts'
import type { EngineOptions } from '../engine.ts'
import { LibpodError } from '../errors.ts'
import { hostProgram } from './host-program.ts'
import { mapIds, type PlainUser } from './map-ids.ts'
import type { Namespaces } from './namespaces.ts'
import { outerUser } from './outer-user.ts'
import { forgetStale, joinPause, pauseFile, publishPause } from './pause-process.ts'
import { namespacesOfMonitors, startWithin } from './revive.ts'
import { settleRuntimeDirectory } from './runtime-directory.ts'
import { startWaiting, type WaitingProcess } from './waiting-process.ts'

export interface EnterOptions {
  /** Whose containers, should they have outlived their namespace's keeper, say which namespace to go back to. */
  readonly engine?: EngineOptions
  /** Descriptors of this process that the program is to have. */
  readonly descriptors?: readonly number[]
  readonly onWarning?: (text: string) => void
  /** Called when nothing can come between any more. */
  readonly beforeReplaced?: () => void
}

/** By which containers tools tell each other where they are. */
const markers = ['_CONTAINERS_USERNS_CONFIGURED', '_CONTAINERS_ROOTLESS_UID', '_CONTAINERS_ROOTLESS_GID'] as const

/** Numbers of descriptors that only served to get here. */
const leftover = '_LIBPOD_NAMESPACES'

/**
 * Where a plain user's program can work on images and containers: in the one user namespace that all containers tools of the user
 * share, in which the user is root and has the subordinate ids. For whoever is not there yet, this process becomes `program` (a path
 * and its arguments; usually how this very program was started) in that namespace, which is made if there is none, and this
 * function never returns. It does nothing for root and within the namespace. Call it first: what this process has done is lost.
 * @throws LibpodError ROOTLESS_UNAVAILABLE
 */
export async function enterUserNamespace(program: readonly string[], options: EnterOptions = {}): Promise<void> {
  closeLeftovers()
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0]
  if (uid === 0) return forgetDisbelieved()
  const runtimeDirectory = settleRuntimeDirectory()
  const nsenter = hostProgram('nsenter')
  const { onWarning = () => {}, engine = {} } = options
  const { user, mount } = await ownNamespaces(pauseFile(runtimeDirectory), { uid, gid, onWarning }, engine)
  const env = {
    ...process.env,
    HOME: homedir(),
    _CONTAINERS_USERNS_CONFIGURED: 'done',
    _CONTAINERS_ROOTLESS_UID: String(uid),
    _CONTAINERS_ROOTLESS_GID: String(gid),
    [leftover]: `${user}:${mount}`,
  }
  for (const fd of [user, mount, ...(options.descriptors ?? [])]) setOnExec(fd, 'keep')
  const where = [`--user=/proc/self/fd/${user}`, `--mount=/proc/self/fd/${mount}`, '--preserve-credentials']
  options.beforeReplaced?.()
  process.execve?.(nsenter, [nsenter, ...where, ...workingDirectory(), '--', ...program], env)
}

/** Attempts: each ends because somebody else was quicker, or ended meanwhile. */
const attempts = 20

async function ownNamespaces(path: string, user: PlainUser, engine: EngineOptions): Promise<Namespaces> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const found = joinPause(path, user.uid)
    if (found) return found
    await forgetStale(path, user.uid)
    await using process = await startKeeper(user, engine)
    if (publishPause(path, process.pid)) process.release()
  }
  throw new LibpodError('ROOTLESS_UNAVAILABLE', `unable to create a new pause process: ${path} changes all the time`, {
    subject: path,
  })
}

/** Where containers still run they are gone back to; else everything is new. */
async function startKeeper(user: PlainUser, engine: EngineOptions): Promise<WaitingProcess> {
  using found = namespacesOfMonitors(storeOptions(engine).runRoot, user.uid)
  if (found) return startWithin(found)
  warnOfMounts(user)
  const process = startWaiting('unshare', ['--user', '--mount', '--propagation', 'slave', '--'])
  try {
    await mapIds(process.pid, user)
    return process
  } catch (error) {
    await process[Symbol.asyncDispose]()
    throw error
  }
}

/** What is mounted later on the host is seen in the namespace only where mounts are shared (mount_namespaces(7)). */
function warnOfMounts({ onWarning }: PlainUser): void {
  if (process.env.container !== undefined) return
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  const root = lines.findLast(line => line.split(' ')[4] === '/')
  if (root === undefined || / shared:\d+ .*- /.test(root)) return
  onWarning('"/" is not a shared mount, this could cause issues or missing mounts with rootless containers')
}

/** Another mount namespace begins at its root; a directory that is gone leaves one there. */
function workingDirectory(): readonly string[] {
  try {
    return [`--wdns=${process.cwd()}`]
  } catch {
    return []
  }
}

/** Root whom somebody's variables call a plain user would look for files, credentials among them, where that user can put them. */
function forgetDisbelieved(): void {
  const { uid, gid } = outerUser()
  if (process.env._CONTAINERS_ROOTLESS_UID === String(uid) && process.env._CONTAINERS_ROOTLESS_GID === String(gid))
    return
  for (const name of markers) delete process.env[name]
}

/** Whatever else the numbers of a hostile caller are, they stay open. */
function closeLeftovers(): void {
  const told = process.env[leftover]
  if (told === undefined) return
  delete process.env[leftover]
  for (const fd of told.split(':')) if (isNamespace(fd)) close(Number(fd))
}

function isNamespace(fd: string): boolean {
  try {
    return /^[1-9][0-9]{0,6}$/.test(fd) && /^(?:user|mnt):\[/.test(readlinkSync(`/proc/self/fd/${fd}`))
  } catch {
    return false
  }
}
