import { attach, resizeTerminal } from '@libpod/conmon'
import { LibpodError } from '../errors.ts'
import type { Rooms } from '../rooms.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord } from '../state/container.ts'
import type { AttachOptions, AttachSession } from './containers.ts'
import { subjectOf } from './create.ts'
import { isRunning } from './liveness.ts'
import { withContainer } from './lock.ts'
import { joinMonitorCgroup } from './monitor-cgroup.ts'
import { notifyHealthy } from './notify.ts'
import { containerPaths } from './paths.ts'
import { openMute, openSession } from './session.ts'
import { initialized, runPrepared, type StartRooms, startNeeded } from './start.ts'
import { waitForExit } from './wait.ts'

/** Seconds that conmon waits before it cleans up behind a foreground process that did not. */
const exitDelay = 2

/** Connects to a running container. @throws LibpodError CONTAINER_STATE */
export async function attachContainer(
  rooms: StartRooms,
  name: string,
  options: AttachOptions & Call = {},
): Promise<AttachSession> {
  const record = rooms.state.containers.find(name)
  if (!isRunning(rooms, record))
    throw new LibpodError('CONTAINER_STATE', 'you can only attach to running containers', { subject: record.name })
  if (passesThrough(record))
    throw new LibpodError(
      'CONTAINER_STATE',
      `this container is using the '${record.config.logDriver}' log driver, cannot attach: this container is not logging output`,
      { subject: record.name },
    )
  await rooms.events.write({ type: 'container', status: 'attach', ...subjectOf(record) })
  return connect(rooms, record, options)
}

/** Connects before the process runs, so that nothing it says is lost, and starts it. */
export async function startAttached(
  rooms: StartRooms,
  name: string,
  options: AttachOptions & Call = {},
): Promise<AttachSession> {
  const { id } = rooms.state.containers.find(name)
  await startNeeded(rooms, id, options)
  return withContainer(
    rooms,
    id,
    async found => {
      if (isRunning(rooms, found) && found.status.state !== 'initialized') return connect(rooms, found, options)
      const record = await initialized(rooms, found, { ...options, exitDelay })
      const session = await connect(rooms, record, options)
      await rooms.events.write({ type: 'container', status: 'attach', ...subjectOf(record) })
      try {
        const running = await runPrepared(rooms, record, options)
        void joinMonitorCgroup(running)
        // Told of by who it concerns: the caller has its session.
        void notifyHealthy(rooms, id, options).catch(() => {})
      } catch (error) {
        await session[Symbol.asyncDispose]()
        throw error
      }
      return session
    },
    options.signal,
  )
}

/** Whether it has the streams of whoever started it: conmon keeps none to attach to. */
const passesThrough = ({ config }: ContainerRecord): boolean => config.logDriver.startsWith('passthrough')

async function connect(
  rooms: Pick<Rooms, 'options' | 'state' | 'host'>,
  record: ContainerRecord,
  options: AttachOptions,
): Promise<AttachSession> {
  const { attachSocket, bundle } = containerPaths(rooms.options, record.id)
  const terminal = record.config.spec.process?.terminal ?? 'none'
  const exit = (): Promise<number> => waitForExit(rooms, record)
  if (passesThrough(record)) return openMute({ id: record.id, exit })
  const stream = attach(attachSocket)
  if (terminal === 'tty' && options.size)
    await resizeTerminal(bundle, { height: options.size.rows, width: options.size.columns }).catch(() => {})
  return openSession({ id: record.id, stream, options, terminal, exit })
}
