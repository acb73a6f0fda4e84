import { getRawPointer } from 'node:ffi'
import { constants } from 'node:os'
import { close, O_CLOEXEC } from './at.ts'
import { childEnded } from './child-signal.ts'
import { bind, checked, cString, cStrings, fcntl, SyscallError } from './libc.ts'

/** A program to be started. Nothing of this process is inherited but what is named here. */
export interface Program {
  readonly path: string
  /** Without the first, which is the path. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Our descriptors that become the program's, from 0 on; `closed` leaves a number out. */
  readonly fds: readonly (number | 'closed')[]
  /** `own`: it leads a session and a process group of its own. */
  readonly session?: 'own'
}

/** How a process ended. */
export type Ending = { readonly code: number } | { readonly signal: NodeJS.Signals }

const F_DUPFD_CLOEXEC = 1030
const WNOHANG = 1
const POSIX_SPAWN_SETSIGDEF = 0x04
const POSIX_SPAWN_SETSIGMASK = 0x08
const POSIX_SPAWN_SETSID = 0x80
/** More than posix_spawn_file_actions_t takes with any glibc. */
const actionsSize = 256
/** posix_spawnattr_t of <spawn.h>: the flags, a process group, and from here on the signals that are set to their default. */
const attributesSize = 336
const defaultSignals = 8

const callSpawn = bind('posix_spawn', 'int32', ['pointer', 'pointer', 'pointer', 'pointer', 'pointer', 'pointer'])
const initActions = bind('posix_spawn_file_actions_init', 'int32', ['pointer'])
const addDup = bind('posix_spawn_file_actions_adddup2', 'int32', ['pointer', 'int32', 'int32'])
const addDirectory = bind('posix_spawn_file_actions_addchdir_np', 'int32', ['pointer', 'pointer'])
const destroyActions = bind('posix_spawn_file_actions_destroy', 'int32', ['pointer'])
const callWaitpid = bind('waitpid', 'int32', ['int32', 'pointer', 'int32'])
const callPipe2 = bind('pipe2', 'int32', ['pointer', 'int32'])

/**
 * Starts a program by posix_spawn(3), its signals as a new process has them; gives its pid. Node's own way is to fork, which takes
 * the longer the more memory this process has. Whoever calls this reaps the process: {@link exited} or {@link tryReap}.
 * @throws SyscallError ENOENT, EACCES, ETXTBSY …
 */
export function spawn(program: Program): number {
  using kept = new DisposableStack()
  const actions = Buffer.alloc(actionsSize)
  initActions(actions)
  kept.defer(() => void destroyActions(actions))
  program.fds
    .map((fd, target) => outOfTheWay(fd, target, { kept, count: program.fds.length }))
    .forEach((fd, target) => {
      if (fd !== 'closed') addDup(actions, fd, target)
    })
  if (program.cwd !== undefined) addDirectory(actions, cString(program.cwd))
  const pid = new Int32Array(1)
  const argv = vector([program.path, ...program.args])
  const env = vector(Object.entries(program.env).map(pair => pair.join('=')))
  const failure: number = callSpawn(
    pid,
    cString(program.path),
    actions,
    attributes(program),
    argv.pointers,
    env.pointers,
  )
  if (failure !== 0) throw new SyscallError('posix_spawn', failure, program.path)
  return pid[0] ?? 0
}

/** A descriptor whose number another one is to get would be lost before its turn. */
function outOfTheWay(
  fd: number | 'closed',
  target: number,
  { kept, count }: { readonly kept: DisposableStack; readonly count: number },
): number | 'closed' {
  if (fd === 'closed' || fd === target || fd >= count) return fd
  const copy = checked(fcntl(fd, F_DUPFD_CLOEXEC, BigInt(count)), 'fcntl')
  kept.defer(() => close(copy))
  return copy
}

/** A terminated array of C strings; they live as long as what this gives. */
function vector(texts: readonly string[]): { readonly pointers: BigUint64Array; readonly strings: Buffer } {
  const strings = cStrings(texts)
  const pointers = new BigUint64Array(texts.length + 1)
  let at = getRawPointer(strings)
  texts.forEach((text, index) => {
    pointers[index] = at
    at += BigInt(Buffer.byteLength(text) + 1)
  })
  return { pointers, strings }
}

function attributes({ session }: Program): Buffer {
  const bytes = Buffer.alloc(attributesSize)
  bytes.writeInt16LE(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | (session ? POSIX_SPAWN_SETSID : 0), 0)
  const { SIGKILL, SIGSTOP } = constants.signals
  const all = ~((1n << BigInt(SIGKILL - 1)) | (1n << BigInt(SIGSTOP - 1)))
  bytes.writeBigUInt64LE(BigInt.asUintN(64, all), defaultSignals)
  return bytes
}

/** A pipe's two ends, closed on exec. @throws SyscallError */
export function pipe(): { readonly read: number; readonly write: number } {
  const ends = new Int32Array(2)
  checked(callPipe2(ends, O_CLOEXEC), 'pipe2')
  return { read: ends[0] ?? -1, write: ends[1] ?? -1 }
}

/** How a child of ours ended, by waitpid(2); nothing while it runs. @throws SyscallError when it is none, or reaped */
export function tryReap(pid: number): Ending | undefined {
  const status = new Int32Array(1)
  if (checked(callWaitpid(pid, status, WNOHANG), 'waitpid') === 0) return undefined
  const [value = 0] = status
  const signal = value & 0x7f
  return signal === 0 ? { code: (value >> 8) & 0xff } : { signal: nameOf(signal) }
}

const nameOf = (signal: number): NodeJS.Signals =>
  (Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? 'SIGKILL') as NodeJS.Signals

/** Milliseconds between two looks at a process that goes on. */
const longestPause = 8

/** Waits for the end of a child and reaps it; soon seen when it ends soon. @throws SyscallError when it is none */
export async function exited(pid: number): Promise<Ending> {
  for (let looks = 0; ; looks++) {
    const ending = tryReap(pid)
    if (ending) return ending
    await childEnded(Math.max(1, Math.min(looks / 4, longestPause)))
  }
}
