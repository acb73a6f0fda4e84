import { PassThrough, Writable } from 'node:stream'
import { type AttachStream, detachKeys } from '@libpod/conmon'
import type { AttachOptions, AttachSession, ContainerId } from './containers.ts'

/** With the keys that hold where nobody says. @throws ConmonError DETACH_KEYS_INVALID also where there is no terminal to leave */
export function withDetachKeys<O extends Pick<AttachOptions, 'detachKeys'>>(options: O, configured: string): O {
  const keys = options.detachKeys ?? configured
  detachKeys(keys)
  return { ...options, detachKeys: keys }
}

export interface SessionSource {
  readonly id: ContainerId
  readonly stream: AttachStream
  readonly options: AttachOptions
  readonly terminal: 'none' | 'tty'
  /** The exit code, once the process has ended. */
  readonly exit: () => Promise<number>
}

type Ended = Awaited<AttachSession['ended']>

/** A connection to conmon as three streams. An output that nobody reads holds the process up, as a pipe would. */
export function openSession({ id, stream, options, terminal, exit }: SessionSource): AttachSession {
  const outputs = { stdout: new PassThrough(), stderr: new PassThrough() }
  const { promise: ended, resolve, reject } = Promise.withResolvers<Ended>()
  const keys = terminal === 'tty' && options.detachKeys ? detachKeys(options.detachKeys) : undefined
  const finish = (): void => {
    outputs.stdout.end()
    outputs.stderr.end()
  }
  const detach = (): void => {
    resolve({ how: 'detached' })
    stream.close()
    finish()
  }
  const drained = stream.onOutput(({ stream: name, bytes }) => deliver(outputs[name], bytes))
  drained.then(finish, finish)
  drained.then(exit).then(code => resolve({ how: 'exited', code }), reject)
  ended.catch(() => {}) // whoever awaits it still sees the error
  return {
    id,
    ...outputs,
    stdin: inputOf(stream, options, { keys, detach }),
    resize: (rows, columns) => void stream.resize({ height: rows, width: columns }).catch(() => {}),
    ended,
    [Symbol.asyncDispose]: async () => {
      stream.close()
      finish()
    },
  }
}

/** Of a process that has this program's own streams: there is nothing to carry, only an end to wait for. */
export function openMute({ id, exit }: Pick<SessionSource, 'id' | 'exit'>): AttachSession {
  const nothing = () => new PassThrough().end()
  const ended = exit().then((code): Ended => ({ how: 'exited', code }))
  ended.catch(() => {}) // whoever awaits it still sees the error
  return {
    id,
    stdin: new Writable({ write: (_bytes, _encoding, done) => done() }),
    stdout: nothing(),
    stderr: nothing(),
    resize: () => {},
    ended,
    [Symbol.asyncDispose]: async () => {},
  }
}

function deliver(output: PassThrough, bytes: Uint8Array): Promise<void> | undefined {
  if (output.write(bytes)) return undefined
  return new Promise(resolve => output.once('drain', resolve))
}

interface Detaching {
  readonly keys: ReturnType<typeof detachKeys> | undefined
  readonly detach: () => void
}

function inputOf(stream: AttachStream, { stdin }: AttachOptions, { keys, detach }: Detaching): Writable {
  const write = async (bytes: Uint8Array): Promise<void> => {
    if (!keys) return stream.write(bytes)
    const { forward, detached } = keys.push(bytes)
    if (forward.length > 0) await stream.write(forward)
    if (detached) detach()
  }
  const input = new Writable({
    write: (bytes: Uint8Array, _encoding, done) => void write(bytes).then(() => done(), done),
    final: done => {
      if (keys === undefined) stream.closeStdin()
      done()
    },
  })
  input.on('error', () => {}) // the process may end without reading all
  if (stdin === 'closed') input.end()
  return input
}
