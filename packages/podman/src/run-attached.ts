import type { AttachSession, Engine } from '@libpod/libpod'
import { defined } from './cli/defined.ts'
import { codeOf } from './exit-codes.ts'
import type { StreamName } from './options/attach.ts'
import { bridge } from './streams/bridge.ts'
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
  const session = await open(id, io, run)
  using _signals = run.signals === 'passed' ? passSignals(signal => run.engine.containers.kill(id, signal)) : undefined
  const end = await bridge(session, io, run)
  if (end.how === 'detached') return 0
  if (run.begin === 'start') await tidy(id, run)
  return end.code
}

async function open(
  id: string,
  io: Terminal,
  { engine: { containers }, begin, streams, terminal, detachKeys, afterwards, preserveFds }: AttachedRun,
): Promise<AttachSession> {
  const size = terminal === 'tty' ? io.size() : undefined
  const options = {
    stdin: streams.has('stdin') ? ('open' as const) : ('closed' as const),
    ...defined({ detachKeys, size, preserveFds }),
  }
  if (begin === 'join') return containers.attach(id, options)
  try {
    return await containers.startAttached(id, options)
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
