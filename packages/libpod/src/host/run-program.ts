import { closeSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { close, exited, pipe, spawn } from '@libpod/syscall'

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

/**
 * Runs a program to its end: it is gone, and nobody can write to its output any more.
 * @throws SyscallError when it cannot be started, and `signal.reason` when aborted
 */
export async function runProgram(path: string, run: ProgramRun): Promise<Finished> {
  run.signal?.throwIfAborted()
  const { pid, stdin, stdout, stderr } = start(path, run)
  let killed: 'late' | 'talkative' | 'aborted' | undefined
  const kill = (why: typeof killed): void => {
    killed ??= why
    process.kill(pid, 'SIGKILL')
    for (const stream of [stdin, stdout, stderr]) stream?.destroy() // its children may hold them open
  }
  const abort = (): void => kill('aborted')
  const timer = run.patience === undefined ? undefined : setTimeout(kill, run.patience, 'late')
  run.signal?.addEventListener('abort', abort)
  stdin?.on('error', () => {}) // a program need not read it all
  if (run.input) stdin?.end(run.input)
  const [output, complaint] = await Promise.all([
    collect(stdout, {
      most: mostOutput,
      beyond: bytes => {
        kill('talkative')
        return bytes
      },
    }),
    collect(stderr, { most: mostComplaint, beyond: bytes => bytes.subarray(-mostComplaint) }),
  ])
  clearTimeout(timer)
  run.signal?.removeEventListener('abort', abort)
  const ending = await exited(pid)
  if (killed === 'aborted') throw run.signal?.reason
  return {
    exit: killed ?? ('code' in ending ? ending.code : ending.signal),
    stdout: output,
    stderr: complaint.toString('utf8'),
  }
}

interface Child {
  readonly pid: number
  readonly stdin: Socket | undefined
  readonly stdout: Socket
  readonly stderr: Socket
}

function start(path: string, { args = [], env, input }: ProgramRun): Child {
  using theirs = new DisposableStack()
  using ours = new DisposableStack()
  const give = (fd: number): number => theirs.adopt(fd, close)
  const [into, out, errors] = [input && pipe(), pipe(), pipe()]
  const fds = [
    into ? give(into.read) : theirs.adopt(openSync('/dev/null', 'r'), closeSync),
    give(out.write),
    give(errors.write),
  ]
  const stream = (fd: number, way: 'readable' | 'writable'): Socket =>
    ours.adopt(new Socket({ fd, readable: way === 'readable', writable: way === 'writable' }), socket =>
      socket.destroy(),
    )
  const streams = {
    stdin: into && stream(into.write, 'writable'),
    stdout: stream(out.read, 'readable'),
    stderr: stream(errors.read, 'readable'),
  }
  const pid = spawn({ path, args, env, fds })
  ours.move()
  return { pid, ...streams }
}

interface Limit {
  readonly most: number
  /** What is kept of more. */
  readonly beyond: (bytes: Buffer) => Buffer
}

/** All that comes through a pipe, up to its end. */
function collect(stream: Socket, { most, beyond }: Limit): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0)
  stream.on('data', (piece: Buffer) => {
    bytes = Buffer.concat([bytes, piece])
    if (bytes.length > most) bytes = beyond(bytes)
  })
  stream.on('error', () => {}) // an end like any other
  return new Promise(resolve => stream.once('close', () => resolve(bytes)))
}
