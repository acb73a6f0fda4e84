import { fstatSync, writeSync } from 'node:fs'

/** What a command may do to the world around it besides the engine: its streams, environment and interruption. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts on the first SIGINT or SIGTERM; reading it takes these signals over from the default (ending at once). */
  readonly interrupted: AbortSignal
  /** Where standard output goes, for what is written past `out`. */
  readonly outDescriptor: number
  /** Writes to standard output (or the file of `--out`), whole, before it returns. */
  out(text: string | Uint8Array): void
  err(text: string | Uint8Array): void
  /** A line of the log, on standard error, in the format that Podman's users grep for. */
  warn(message: string): void
  isTerminal(stream: 'stdin' | 'stdout' | 'stderr'): boolean
  /** The window, when one of the streams is a terminal. */
  size(): { readonly rows: number; readonly columns: number } | undefined
}

/** Loaded on first use: with its sockets it would cost every command a tenth of its start. */
const tty = () => process.getBuiltinModule('node:tty')

const descriptors = { stdin: 0, stdout: 1, stderr: 2 } as const

/** `outFd` replaces standard output. */
export function openTerminal(outFd: number = descriptors.stdout): Terminal {
  let controller: AbortController | undefined
  return {
    env: process.env,
    outDescriptor: outFd,
    get interrupted() {
      controller ??= catchInterrupts()
      return controller.signal
    },
    out: text => writeAll(outFd, text),
    err: text => writeAll(descriptors.stderr, text),
    warn: message => writeAll(descriptors.stderr, logLine('warning', message)),
    isTerminal: stream => isTerminal(stream === 'stdout' ? outFd : descriptors[stream]),
    size: windowSize,
  }
}

/** Pipes and files are told apart without what knows of terminals. */
function isTerminal(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice() && tty().isatty(fd)
  } catch {
    return false // it is closed
  }
}

function catchInterrupts(): AbortController {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort(new Interrupted(name)))
  return controller
}

/** The reason of `Terminal.interrupted`. */
export class Interrupted extends Error {
  readonly signal: 'SIGINT' | 'SIGTERM'
  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`interrupted by ${signal}`)
    this.signal = signal
  }
}

function windowSize(): { rows: number; columns: number } | undefined {
  for (const fd of [1, 2, 0])
    if (tty().isatty(fd)) {
      const stream = fd === 1 ? process.stdout : fd === 2 ? process.stderr : undefined
      const [columns, rows] = stream ? stream.getWindowSize() : sizeOfStdin()
      return { rows, columns }
    }
  return undefined
}

/** Node gives a read stream no size; a second handle on the same terminal has one. */
function sizeOfStdin(): [number, number] {
  return new (tty().WriteStream)(0).getWindowSize()
}

/** One line of the log as logrus writes it without a terminal. */
export function logLine(level: string, message: string): string {
  const time = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  return `time="${time}" level=${level} msg=${JSON.stringify(message)}\n`
}

const nap = new Int32Array(new SharedArrayBuffer(4))

/** Pipes may be non-blocking: waits for the reader instead of losing bytes. A reader that left ends the program. */
function writeAll(fd: number, text: string | Uint8Array): void {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'EPIPE') process.exit(141)
      if (code !== 'EAGAIN') throw error
      Atomics.wait(nap, 0, 0, 2)
    }
  }
}
