import type { AttachSession, Engine } from '@libpod/libpod'
import { defined } from './cli/defined.ts'
import { codeOf } from './exit-codes.ts'
import type { StreamName } from './options/attach.ts'
import { bridge, type End } from './streams/bridge.ts'
import { passSignals } from './streams/signals.ts'
import type { Terminal } from './terminal.ts'

export interface AttachedRun {
  readonly engine: Engine
  readonly streams: ReadonlySet<StreamName>
  readonly terminal: 'tty' | 'none'
  readonly signals: 'passed' | 'ours'
  readonly detachKeys: string | undefined
  /** Start it now that we listen, or join one that runs. */
  readonly begin: 'start' | 'join'
  /** Descriptors of ours that the process gets. */
  readonly preserveFds?: readonly number[]
  /** What becomes of the container when it ends. */
  readonly afterwards: 'keep' | 'remove' | 'remove-with-image'
}

/** A container in the foreground: resolves to its exit code, or to 0 when the user detached. */
export async function runAttached(id: string, io: Terminal, run: AttachedRun): Promise<number> {
  using plugged = new DisposableStack()
  let ended: Promise<End> | undefined
  const plugIn = (session: AttachSession): Promise<End> => {
    if (run.signals === 'passed') plugged.use(passSignals(signal => run.engine.containers.kill(id, signal)))
    ended = bridge(session, io, run)
    ended.catch(() => {}) // a start that fails says so itself
    return ended
  }
  const session = await open(id, { io, run, plugIn })
  const end = await (ended ?? plugIn(session))
  if (end.how === 'detached') return 0
  if (run.begin === 'start') await tidy(id, run)
  return end.code
}

interface Opening {
  readonly io: Terminal
  readonly run: AttachedRun
  readonly plugIn: (session: AttachSession) => void
}

async function open(id: string, { io, run, plugIn }: Opening): Promise<AttachSession> {
  const { streams, terminal, detachKeys, afterwards, preserveFds } = run
  const { containers } = run.engine
  const size = terminal === 'tty' ? io.size() : undefined
  const options = {
    stdin: streams.has('stdin') ? ('open' as const) : ('closed' as const),
    ...defined({ detachKeys, size, preserveFds }),
  }
  if (run.begin === 'join') return containers.attach(id, options)
  try {
    return await containers.startAttached(id, { ...options, onAttached: plugIn })
  } catch (error) {
    if (afterwards !== 'keep')
      await containers.remove(id, { running: 'kill', volumes: 'remove-anonymous' }).catch(() => undefined)
    throw error
  }
}

/** Whoever comes first cleans up, we or the process that the monitor starts; a container already gone is fine. */
async function tidy(id: string, { engine, afterwards }: AttachedRun): Promise<void> {
  try {
    await engine.containers.cleanup(id, { afterwards, stoppedOnly: 'yes' })
  } catch (error) {
    if (codeOf(error) !== 'CONTAINER_UNKNOWN') throw error
  }
}
