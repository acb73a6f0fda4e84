import { spawnSync } from 'node:child_process'
import { finished } from 'node:stream/promises'
import type { AttachSession } from '@libpod/libpod'
import type { Terminal } from '../terminal.ts'
import { descriptorWriter } from './descriptor-writer.ts'

export interface BridgeOptions {
  /** Which of our streams are plugged in. */
  readonly streams: ReadonlySet<'stdin' | 'stdout' | 'stderr'>
  readonly terminal: 'tty' | 'none'
}

/** How a session ended: with the process, or with the user's detach keys. */
export type End = Awaited<AttachSession['ended']>

/** Plugs our standard streams into a session until it ends; every byte of output is written when this resolves. */
export async function bridge(session: AttachSession, io: Terminal, options: BridgeOptions): Promise<End> {
  using _raw = options.terminal === 'tty' ? rawInput(io) : undefined
  using _window = options.terminal === 'tty' ? followWindow(session, io) : undefined
  const outputs = [
    output(session.stdout, options.streams.has('stdout') ? io.outDescriptor : undefined),
    output(session.stderr, options.streams.has('stderr') ? 2 : undefined),
  ]
  if (options.streams.has('stdin')) connectInput(session)
  const end = await session.ended
  if (end.how === 'exited') await Promise.allSettled(outputs)
  return end
}

/** Copies one stream to a descriptor, or empties it. */
async function output(from: AttachSession['stdout'], fd: number | undefined): Promise<void> {
  if (fd === undefined) {
    from.resume()
    return
  }
  const to = descriptorWriter(fd)
  from.pipe(to)
  await finished(to)
}

function connectInput(session: AttachSession): void {
  session.stdin.on('error', () => process.stdin.unpipe(session.stdin))
  process.stdin.on('error', () => session.stdin.end())
  process.stdin.pipe(session.stdin)
}

/** Every key goes to the container at once; undone however we leave. */
function rawInput(io: Terminal): Disposable | undefined {
  if (!io.isTerminal('stdin')) return undefined
  const restore = () => void process.stdin.setRawMode(false)
  process.stdin.setRawMode(true)
  // Node's raw mode still turns \n into \r\n on the way out, which breaks full-screen programs.
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] })
  process.once('exit', restore)
  return {
    [Symbol.dispose]: () => {
      process.off('exit', restore)
      restore()
    },
  }
}

function followWindow(session: AttachSession, io: Terminal): Disposable {
  const tell = () => {
    const size = io.size()
    if (size) session.resize(size.rows, size.columns)
  }
  process.on('SIGWINCH', tell)
  return { [Symbol.dispose]: () => void process.off('SIGWINCH', tell) }
}
