import { closeSync, fstatSync, openSync, readdirSync, readSync, writeSync } from 'node:fs'
import { close, exited, memoryFile, pipe, setOnExec, spawn } from '@libpod/syscall'
import { LibpodError } from '../errors.ts'
import { findCatatonit } from '../host/catatonit.ts'
import { hostProgram } from './host-program.ts'

/** A process in namespaces that waits: for leave to live on as their pause process, or for this process's end. */
export interface WaitingProcess extends AsyncDisposable {
  readonly pid: number
  /** It lives on by itself from now on; it would be gone when disposed of otherwise. */
  release(): void
}

/** Says when it is where it is to be, and becomes what its words say when it is told to; it goes when nobody can tell it any more. */
const script = 'echo >&4; exec 4>&-; read go <&3 && exec "$@" 3<&- 5<&- 6<&- 2>/dev/null'

/**
 * Starts it through a program that runs others in namespaces, such as unshare(1), with its words, and at most two files for it, from
 * descriptor 5 on. What it runs later has no
 * files of this process, no terminal, and `/` for its directory. @throws LibpodError ROOTLESS_UNAVAILABLE with the program's last words
 */
export function startWaiting(within: string, words: readonly string[], files: readonly number[] = []): WaitingProcess {
  using opened = new DisposableStack()
  using kept = new DisposableStack()
  const [ready, leave] = [pipe(), pipe()]
  for (const fd of [ready.read, leave.read]) opened.adopt(fd, close)
  const complaints = opened.adopt(memoryFile(), close)
  const nothing = opened.adopt(openSync('/dev/null', 'r+'), closeSync)
  kept.adopt(leave.write, close)
  inheritNothing()
  const pid = spawn({
    path: hostProgram(within),
    args: [...words, hostProgram('sh'), '-c', script, 'sh', ...pauseProgram()],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    cwd: '/',
    fds: [nothing, nothing, complaints, leave.read, ready.write, ...files],
    session: 'own',
  })
  close(ready.write)
  if (readSync(ready.read, Buffer.alloc(1)) === 0) throw failed(within, complaints)
  const pipeToIt = kept.move()
  return {
    pid,
    release: () => {
      writeSync(leave.write, '\n')
      pipeToIt.dispose()
    },
    [Symbol.asyncDispose]: async () => {
      if (pipeToIt.disposed) return
      pipeToIt.dispose()
      await exited(pid)
    },
  }
}

/** A file of whoever started this program that the process kept open would keep others waiting for its end. */
function inheritNothing(): void {
  for (const fd of readdirSync('/proc/self/fd').map(Number)) if (fd > 2) closeOnExec(fd)
}

function closeOnExec(fd: number): void {
  try {
    setOnExec(fd, 'close')
  } catch {
    // The one that read the directory.
  }
}

function pauseProgram(): readonly string[] {
  const catatonit = findCatatonit([])
  return catatonit === undefined ? [hostProgram('sleep'), 'infinity'] : [catatonit, '-P']
}

function failed(program: string, complaints: number): LibpodError {
  const words = Buffer.alloc(Math.min(fstatSync(complaints).size, 4096))
  readSync(complaints, words, 0, words.length, 0)
  return new LibpodError(
    'ROOTLESS_UNAVAILABLE',
    `cannot set up the user namespace: ${words.toString().trim() || program}`,
    {
      subject: program,
      hint: 'see whether /proc/sys/user/max_user_namespaces and the security modules of this host allow them',
    },
  )
}
