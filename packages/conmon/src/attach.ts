import { Socket } from 'node:net'
import { dirname } from 'node:path'
import { connectSeqpacket } from '@libpod/syscall'
import { resizeTerminal, type TerminalSize } from './control.ts'
import { ConmonError } from './errors.ts'
import { type OutputRecord, parseRecord, pieces } from './frames.ts'
import { seqpacketHandle } from './pipe-handle.ts'

type OutputListener = (record: OutputRecord) => void | Promise<void>

/**
 * The other end of a container's streams. Only what is put out after attaching is seen, and a container whose output nobody takes
 * comes to a halt: read on, or close.
 */
export interface AttachStream extends Disposable {
  /** Takes the output, piece by piece in order; the next piece waits for the promise that the listener gives. Resolves at the end of the output. */
  onOutput(listener: OutputListener): Promise<void>
  /** The same as an iteration. Leaving it early detaches. */
  [Symbol.asyncIterator](): AsyncIterator<OutputRecord>
  /** Writes to the process's standard input; resolves when conmon has taken it. */
  write(bytes: Uint8Array): Promise<void>
  /** No more input: closes the process's standard input, unless it has a terminal. */
  closeStdin(): void
  /** @throws ConmonError CONTROL_FAILED */
  resize(size: TerminalSize): Promise<void>
  /** Detaches; the container goes on. */
  close(): void
}

/**
 * Attaches to a container or an exec session, by its `attach` socket; conmon's control pipe lies beside it.
 * @throws ConmonError ATTACH_FAILED
 */
export function attach(socketPath: string): AttachStream {
  const socket = connect(socketPath)
  const onOutput = (listener: OutputListener): Promise<void> => listen(socket, listener)
  const close = (): void => void socket.destroy()
  return {
    onOutput,
    [Symbol.asyncIterator]: () => iterate(onOutput, close),
    write: bytes => writeAll(socket, bytes),
    closeStdin: () => void socket.end(),
    resize: size => resizeTerminal(dirname(socketPath), size),
    close,
    [Symbol.dispose]: close,
  }
}

function connect(socketPath: string): Socket {
  try {
    const socket = new Socket({
      handle: seqpacketHandle(connectSeqpacket(socketPath)),
      allowHalfOpen: true,
      readable: true,
      writable: true,
    } as object)
    socket.pause()
    socket.on('error', () => {}) // before anybody listens: told to whoever does
    return socket
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConmonError('ATTACH_FAILED', `cannot attach at ${socketPath}: ${reason}`, { subject: socketPath, cause })
  }
}

/** Only 'data' events keep the edges of the records: nothing here may buffer, join or cork. */
function listen(socket: Socket, listener: OutputListener): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let last: Promise<void> | undefined
  socket.on('data', (bytes: Buffer) => {
    const record = parseRecord(bytes)
    const taken = record && listener(record)
    if (!taken) return
    socket.pause()
    last = taken.then(() => void socket.resume(), reject)
  })
  const fail = (error: NodeJS.ErrnoException): void => (isReset(error) ? resolve(last) : reject(error))
  socket.once('error', fail)
  socket.once('end', () => resolve(last))
  socket.once('close', () => resolve(last))
  if (socket.errored) fail(socket.errored)
  if (socket.destroyed || socket.readableEnded) resolve()
  socket.resume()
  return promise
}

/** conmon leaves without reading what was still typed: an end like any other. */
const isReset = (error: NodeJS.ErrnoException): boolean => error.code === 'ECONNRESET' || error.code === 'EPIPE'

async function* iterate(onOutput: AttachStream['onOutput'], close: () => void): AsyncGenerator<OutputRecord, void> {
  let hand = Promise.withResolvers<OutputRecord | undefined>()
  let taken = Promise.withResolvers<void>()
  const ended = onOutput(record => {
    hand.resolve(record)
    return taken.promise
  }).then(
    () => hand.resolve(undefined),
    error => hand.reject(error),
  )
  try {
    for (let record = await hand.promise; record; record = await hand.promise) {
      yield record
      hand = Promise.withResolvers()
      taken.resolve()
      taken = Promise.withResolvers()
    }
  } finally {
    close()
    taken.resolve()
    await ended
  }
}

async function writeAll(socket: Socket, bytes: Uint8Array): Promise<void> {
  for (const piece of pieces(bytes)) {
    await new Promise<void>((resolve, reject) => {
      socket.write(piece, error => (error && !isReset(error) ? reject(error) : resolve()))
    })
  }
}
