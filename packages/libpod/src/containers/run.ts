import type { PullEvent } from '../images/images.ts'
import type { Rooms } from '../rooms.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { AttachOptions, AttachSession, ContainerId, RunningContainer } from './containers.ts'
import { ifGone } from './gone.ts'

type RunOptions = AttachOptions & Call<PullEvent>

/** Creates, attaches, starts; when the caller is done, or gives up, nothing is left unless the spec says `onExit: 'keep'`. */
export async function runContainer(
  rooms: Pick<Rooms, 'containers' | 'state'>,
  asked: ContainerSpec,
  options: RunOptions = {},
): Promise<RunningContainer> {
  const { containers } = rooms
  const spec = { ...asked, onExit: asked.onExit ?? 'remove' } as const
  const { id } = await containers.create(spec, options)
  const discard = async (): Promise<void> => {
    await containers
      .remove(id, { running: 'kill', volumes: 'remove-anonymous', dependents: 'remove', timeout: 0 })
      .catch(ifGone)
  }
  const { onProgress: _, ...attach } = options
  const session = await containers.startAttached(id, attach).catch(async error => {
    if (spec.onExit !== 'keep') await discard()
    throw error
  })
  return watch({ id, session, options, rooms, afterwards: spec.onExit, discard })
}

interface Watched {
  readonly id: ContainerId
  readonly session: AttachSession
  readonly options: RunOptions
  readonly rooms: Pick<Rooms, 'containers' | 'state'>
  readonly afterwards: NonNullable<ContainerSpec['onExit']>
  readonly discard: () => Promise<void>
}

function watch({ id, session, options, rooms, afterwards, discard }: Watched): RunningContainer {
  const { containers } = rooms
  const { signal } = options
  const abort = (): void => void containers.kill(id, 'KILL').catch(() => {})
  signal?.addEventListener('abort', abort)
  const ended = async (): Promise<number> => {
    const end = await session.ended
    signal?.removeEventListener('abort', abort)
    if (end.how === 'detached') return 0
    await containers.cleanup(id, { afterwards }).catch(ifGone)
    signal?.throwIfAborted()
    return end.code
  }
  const exited = ended()
  exited.catch(() => {}) // whoever awaits it still sees the error
  return {
    id,
    stdin: session.stdin,
    stdout: session.stdout,
    stderr: session.stderr,
    exited,
    ready: async (condition, call) => {
      const { whenReady } = await import('./ready.ts')
      await whenReady(rooms, { id, ended: session.ended }, condition, call)
    },
    [Symbol.asyncDispose]: async () => {
      signal?.removeEventListener('abort', abort)
      if (afterwards === 'keep') await session[Symbol.asyncDispose]()
      else {
        await discard()
        await exited.catch(() => {})
      }
    },
  }
}
