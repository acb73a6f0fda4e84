import { Socket } from 'node:net'
import type { Readable } from 'node:stream'

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
}

/** The reading end of a pipe becomes the SyncPipe's own. */
export function syncPipe(pipe: number): SyncPipe {
  const stream = new Socket({ fd: pipe, readable: true, writable: false })
  const messages = readMessages(stream)
  return {
    next: async () => (await messages.next()).value ?? undefined,
    [Symbol.dispose]: () => void stream.destroy(),
  }
}

async function* readMessages(stream: Readable): AsyncGenerator<SyncMessage | undefined, undefined> {
  let text = ''
  stream.on('error', () => {}) // a reset by a dying conmon is an end, and the end is what is reported
  stream.setEncoding('utf8')
  try {
    for await (const piece of stream) {
      text = (text + piece).slice(0, longestLine)
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n')) {
        yield parseMessage(text.slice(0, at))
        text = text.slice(at + 1)
      }
    }
  } catch {
    return undefined
  }
  return undefined
}
