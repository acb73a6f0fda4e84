import { once } from 'node:events'
import { attach, resizeTerminal } from '@libpod/conmon'
import { LibpodError } from '../errors.ts'
import type { Rooms } from '../rooms.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord } from '../state/container.ts'
import type { AttachOptions, AttachSession, StartAttachedOptions } from './containers.ts'
import { subjectOf } from './create.ts'
import { isRunning } from './liveness.ts'
import { withContainer } from './lock.ts'
import { joinMonitorCgroup } from './monitor-cgroup.ts'
import { notifyHealthy } from './notify.ts'
import { containerPaths } from './paths.ts'
import { openMute, openSession, withDetachKeys } from './session.ts'
import { alreadyRuns, initialized, runPrepared, type StartRooms, startNeeded } from './start.ts'
import { waitForExit } from './wait.ts'

/** Seconds that conmon waits before it cleans up behind a foreground process that did not. */
const exitDelay = 2

/** Milliseconds that a container in the foreground runs before conmon is moved into its cgroup, which holds up every fork and exit on the host. */
const shortRun = 100

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
  const withKeys = withDetachKeys(options, rooms.options.detachKeys)
  await rooms.events.write({ type: 'container', status: 'attach', ...subjectOf(record) })
  return untilAborted(await connect(rooms, record, withKeys), options)
}

/** The connection is closed when the caller gives up. */
function untilAborted(session: AttachSession, { signal }: Call): AttachSession {
  if (!signal) return session
  const over = new AbortController()
  const aborted = once(signal, 'abort', { signal: over.signal }).then(async () => {
    await session[Symbol.asyncDispose]()
    throw signal.reason
  })
  const ended = Promise.race([session.ended, aborted]).finally(() => over.abort())
  aborted.catch(() => {})
  ended.catch(() => {}) // whoever awaits it still sees the error
  return { ...session, ended }
}

/** Connects before the process runs, so that nothing it says is lost, and starts it. */
export async function startAttached(
  rooms: StartRooms,
  name: string,
  given: StartAttachedOptions & Call = {},
): Promise<AttachSession> {
  const { id } = rooms.state.containers.find(name)
  const options = withDetachKeys(given, rooms.options.detachKeys)
  await startNeeded(rooms, id, options)
  const start = async (found: ContainerRecord): Promise<AttachSession> => {
    if (!alreadyRuns(rooms, found)) return startListening(rooms, found, options)
    const session = await connect(rooms, found, options)
    options.onAttached?.(session)
    return session
  }
  return withContainer(rooms, id, start, options.signal)
}

async function startListening(
  rooms: StartRooms,
  found: ContainerRecord,
  options: StartAttachedOptions & Call,
): Promise<AttachSession> {
  const coming = sessionToCome(rooms, found, options)
  try {
    const record = await initialized(rooms, found, { ...options, exitDelay, onAttachable: coming.tryOpen })
    const session = coming.open()
    await sizeTerminal(rooms, record, options)
    await rooms.events.write({ type: 'container', status: 'attach', ...subjectOf(record) })
    const running = await runPrepared(rooms, record, options)
    coming.started(running)
    setTimeout(() => void joinMonitorCgroup(running, rooms.host.bootId), shortRun).unref()
    // Told of by who it concerns: the caller has its session.
    void notifyHealthy(rooms, record.id, options).catch(() => {})
    return session
  } catch (error) {
    await coming.failed(error)
    throw error
  }
}

/** The session of a container that is being started: opened once, as early as conmon listens. */
function sessionToCome(rooms: AttachRooms, record: ContainerRecord, options: StartAttachedOptions) {
  const running = Promise.withResolvers<ContainerRecord>()
  running.promise.catch(() => {}) // whoever awaits it still sees the error
  let session: AttachSession | undefined
  const open = (): AttachSession => {
    if (session) return session
    session = openAttached(rooms, record, { options, running: running.promise })
    options.onAttached?.(session)
    return session
  }
  const tryOpen = (): void => {
    try {
      open()
    } catch {
      // Once it is created it can be told what is wrong.
    }
  }
  const failed = async (error: unknown): Promise<void> => {
    running.reject(error)
    await session?.[Symbol.asyncDispose]()
  }
  return { open, tryOpen, started: running.resolve, failed }
}

/** Whether it has the streams of whoever started it: conmon keeps none to attach to. */
const passesThrough = ({ config }: ContainerRecord): boolean => config.logDriver.startsWith('passthrough')

type AttachRooms = Pick<Rooms, 'options' | 'state' | 'host'>

async function connect(rooms: AttachRooms, record: ContainerRecord, options: AttachOptions): Promise<AttachSession> {
  const session = openAttached(rooms, record, { options, running: Promise.resolve(record) })
  await sizeTerminal(rooms, record, options)
  return session
}

interface Attaching {
  readonly options: AttachOptions
  /** The container with the process and monitor whose end is waited for. */
  readonly running: Promise<ContainerRecord>
}

function openAttached(rooms: AttachRooms, record: ContainerRecord, { options, running }: Attaching): AttachSession {
  const { id, config } = record
  const exit = async (): Promise<number> => waitForExit(rooms, await running)
  if (passesThrough(record)) return openMute({ id, exit })
  const stream = attach(containerPaths(rooms.options, id).attachSocket)
  return openSession({ id, stream, options, terminal: config.spec.process?.terminal ?? 'none', exit })
}

async function sizeTerminal(
  { options }: AttachRooms,
  { id, config }: ContainerRecord,
  { size }: AttachOptions,
): Promise<void> {
  if (config.spec.process?.terminal !== 'tty' || !size) return
  await resizeTerminal(containerPaths(options, id).bundle, { height: size.rows, width: size.columns }).catch(() => {})
}
