import { Socket } from 'node:net'

/** What conmon says through its sync and attach pipes with `--api-version 1`. */
export interface SyncMessage {
  /** A pid, an exit status, or negative for a failure. */
  readonly data: number
  readonly message: string
}

/** A message of conmon is short; what is longer comes from a runtime gone wild and is cut. */
const longestLine = 1 << 20

/** One line of a pipe to a message, or nothing when it is none. */
export function parseMessage(line: string): SyncMessage | undefined {
  try {
    const { data, message } = JSON.parse(line) as { data?: unknown; message?: unknown }
    return typeof data === 'number' ? { data, message: typeof message === 'string' ? message.trim() : '' } : undefined
  } catch {
    return undefined
  }
}

/** Reads a pipe message by message. */
export interface SyncPipe extends Disposable {
  /** The next message; nothing at the end of the pipe or when it says something else. */
  next(): Promise<SyncMessage | undefined>
  /** This process need not stay for what is still to come. */
  unref(): void
}

/** The reading end of a pipe becomes the SyncPipe's own. */
export function syncPipe(pipe: number): SyncPipe {
  const stream = new Socket({ fd: pipe, readable: true, writable: false })
  const lines: string[] = []
  let rest = ''
  let state: 'open' | 'ended' = 'open'
  let wake = (): void => {}
  stream.setEncoding('utf8') // a letter may come in two pieces
  stream.on('data', (text: string) => {
    const pieces = (rest + text).slice(0, longestLine).split('\n')
    rest = pieces.pop() ?? ''
    lines.push(...pieces)
    wake()
  })
  stream.on('error', () => {}) // a reset by a dying conmon is an end, and the end is what is reported
  stream.once('close', () => {
    state = 'ended'
    wake()
  })
  return {
    next: async () => {
      while (lines.length === 0 && state === 'open') await new Promise<void>(resolve => (wake = resolve))
      return parseMessage(lines.shift() ?? '')
    },
    unref: () => void stream.unref(),
    [Symbol.dispose]: () => void stream.destroy(),
  }
}
