import { fstatSync, readSync, writeSync } from 'node:fs'
import { close, exited, memoryFile, spawn } from '@libpod/syscall'

export interface ProgramRun {
  readonly args?: readonly string[]
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>
  /** What it reads from its standard input; absent: nothing. */
  readonly input?: Uint8Array
  /** Milliseconds after which it is killed. */
  readonly patience?: number
  /** Kills it. */
  readonly signal?: AbortSignal | undefined
}

export interface Finished {
  /** Its exit status, the signal that ended it, or why we did. */
  readonly exit: number | NodeJS.Signals | 'late' | 'talkative'
  readonly stdout: Buffer
  /** The end of what it complained of. */
  readonly stderr: string
}

/** Bytes. A program that puts out more is killed; of what it complains only the end is kept. */
const mostOutput = 10 << 20
const mostComplaint = 64 << 10

/** Milliseconds between two looks at how much it has put out. */
const lookEvery = 50

/**
 * Runs a program to its end. It writes into memory: whatever it leaves running holds nobody up.
 * @throws SyscallError when it cannot be started, and `signal.reason` when aborted
 */
export async function runProgram(path: string, run: ProgramRun): Promise<Finished> {
  run.signal?.throwIfAborted()
  using files = new DisposableStack()
  const [stdin, stdout, stderr] = [memoryFile(), memoryFile(), memoryFile()].map(fd => files.adopt(fd, close)) as [
    number,
    number,
    number,
  ]
  if (run.input) writeSync(stdin, run.input, 0, run.input.length, 0)
  const pid = spawn({ path, args: run.args ?? [], env: run.env, fds: [stdin, stdout, stderr] })
  let killed: 'late' | 'talkative' | 'aborted' | undefined
  const kill = (why: typeof killed): void => {
    killed ??= why
    process.kill(pid, 'SIGKILL')
  }
  const abort = (): void => kill('aborted')
  const timer = run.patience === undefined ? undefined : setTimeout(kill, run.patience, 'late')
  const size = setInterval(() => {
    if (sizeOf(stdout) + sizeOf(stderr) > mostOutput) kill('talkative')
  }, lookEvery)
  run.signal?.addEventListener('abort', abort)
  const ending = await exited(pid).finally(() => {
    clearTimeout(timer)
    clearInterval(size)
    run.signal?.removeEventListener('abort', abort)
  })
  if (killed === 'aborted') throw run.signal?.reason
  return {
    exit: killed ?? ('code' in ending ? ending.code : ending.signal),
    stdout: lastOf(stdout, mostOutput),
    stderr: lastOf(stderr, mostComplaint).toString('utf8'),
  }
}

const sizeOf = (file: number): number => fstatSync(file).size

/** The last bytes of a file, at most so many. */
function lastOf(file: number, most: number): Buffer {
  const size = sizeOf(file)
  if (size === 0) return Buffer.alloc(0)
  const bytes = Buffer.alloc(Math.min(size, most))
  readSync(file, bytes, 0, bytes.length, size - bytes.length)
  return bytes
}
