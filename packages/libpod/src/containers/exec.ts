import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attach, type ExecJob, type ExecSession, readExit, startExec } from '@libpod/conmon'
import {
  type Capabilities,
  capabilitySets,
  type Process,
  readSpec,
  readSpecHost,
  writeSpec,
} from '@libpod/runtime-tools'
import { randomBytes } from '@libpod/syscall'
import { LibpodError } from '../errors.ts'
import { expectMoves } from '../host/cgroup-moves.ts'
import { identify, killProcess } from '../host/process.ts'
import type { Rooms } from '../rooms.ts'
import { programOf } from '../runtimes/program.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord, ProcessIdentity } from '../state/container.ts'
import type { AttachSession, ExecSpec } from './containers.ts'
import { subjectOf } from './create.ts'
import { forgetSession, sessionDirectory, sweepSessions } from './exec-records.ts'
import { resolveUser } from './facts.ts'
import { isRunning } from './liveness.ts'
import { cleanupCommand, monitorEnvironment } from './monitor-job.ts'
import { containerPaths } from './paths.ts'
import { commandError } from './runtime-failure.ts'
import { openSession, withDetachKeys } from './session.ts'

export type ExecRooms = Pick<Rooms, 'options' | 'config' | 'state' | 'host' | 'events'>

/** Runs a command in a running container and connects to it; aborting kills it. @throws LibpodError CONTAINER_STATE, COMMAND_NOT_FOUND */
export async function execContainer(
  rooms: ExecRooms,
  name: string,
  spec: ExecSpec,
  call: Call = {},
): Promise<AttachSession> {
  return (await openAttached(rooms, name, spec, call)).session
}

export interface AttachedExec {
  readonly session: AttachSession
  /** The command's own process; absent when it has ended already. */
  readonly process: ProcessIdentity | undefined
}

/** As {@link execContainer}, for those who may have to end the command. */
export async function openAttached(
  rooms: ExecRooms,
  name: string,
  spec: ExecSpec,
  call: Call = {},
): Promise<AttachedExec> {
  const { signal } = call
  const { detachKeys } = withDetachKeys(spec, rooms.options.detachKeys)
  const session = await openExec(rooms, name, spec, 'attached')
  const { running, stream, process } = await begin(rooms, session, { signal }).catch(error =>
    abandon(rooms, session, error),
  )
  const giveUp = (): void => {
    killProcess(process, rooms.host.bootId)
    stream.close()
  }
  signal?.addEventListener('abort', giveUp)
  if (signal?.aborted) giveUp()
  const options = {
    ...(spec.stdin ? { stdin: spec.stdin } : {}),
    ...(detachKeys === undefined ? {} : { detachKeys }),
  }
  const exit = async (): Promise<number> => {
    const code = await running.exit()
    signal?.removeEventListener('abort', giveUp)
    forgetSession(rooms, session.record.id, session.id)
    await sayDied(rooms, session, code)
    signal?.throwIfAborted()
    return code === 'unknown' ? -1 : code
  }
  const terminal = spec.terminal ?? 'none'
  return { session: openSession({ id: session.record.id, stream, options, terminal, exit }), process }
}

async function begin(rooms: ExecRooms, session: OpenedExec, { signal }: { readonly signal: AbortSignal | undefined }) {
  const { spec, job } = session
  const running = await startExec({ ...job, ...(signal ? { signal } : {}) })
  const stream = attach(running.attachPath)
  try {
    if (spec.terminal === 'tty' && spec.size)
      await stream.resize({ height: spec.size.rows, width: spec.size.columns }).catch(() => {})
    const { pid } = await running.go()
    if (spec.record !== 'none') recordSession(rooms, session, { pid, monitorPid: running.monitorPid })
    return { running, stream, process: identify(pid, rooms.host.bootId) }
  } catch (error) {
    stream.close()
    throw error
  }
}

/**
 * A session that did not come about; its command may run already when it was given up.
 * @throws LibpodError CONTAINER_STATE when the container ended meanwhile, else what `error` tells
 */
function abandon(rooms: ExecRooms, { id, record, job }: OpenedExec, error: unknown): never {
  const { bootId } = rooms.host
  const pid = existsSync(job.pidFile) ? Number(readFileSync(job.pidFile, 'latin1')) : 0
  if (pid > 0) killProcess(identify(pid, bootId), bootId)
  forgetSession(rooms, record.id, id)
  const failure = commandError(error, record.name)
  const { process } = rooms.state.containers.byId(record.id)?.status ?? {}
  const ended = !isRunning(rooms, record) || process?.startTime !== record.status.process?.startTime
  throw ended && failure instanceof LibpodError ? notRunning(record, failure) : failure
}

/** Runs a command and leaves it running; the session's id. */
export async function execDetached(rooms: ExecRooms, name: string, spec: ExecSpec, call: Call = {}): Promise<string> {
  const session = await openExec(rooms, name, spec, 'detached')
  try {
    using opened = new DisposableStack()
    const running = opened.use(await startExec({ ...session.job, ...(call.signal ? { signal: call.signal } : {}) }))
    const { pid } = await running.go()
    recordSession(rooms, session, { pid, monitorPid: running.monitorPid })
    if (rooms.options.cleanupCommand.length > 0) return session.id
    opened.move()
    void forgetAtEnd(rooms, session, running).catch(() => {})
  } catch (error) {
    abandon(rooms, session, error)
  }
  return session.id
}

/** Where conmon has nobody to tell of the end, it is waited for here as long as this process lives; later the next session tidies up. */
async function forgetAtEnd(rooms: ExecRooms, { id, record }: OpenedExec, running: ExecSession): Promise<void> {
  using _ = running
  running.unref()
  const code = await running.exit()
  forgetSession(rooms, record.id, id)
  await sayDied(rooms, { id, record }, code)
}

function recordSession(
  { state, host }: ExecRooms,
  { id, record, spec }: OpenedExec,
  { pid, monitorPid }: { readonly pid: number; readonly monitorPid: number },
): void {
  const monitor = identify(monitorPid, host.bootId)
  state.execSessions.put({ id, container: record.id, spec, pid, ...(monitor ? { monitor } : {}) })
}

async function sayDied(
  { events }: ExecRooms,
  { id, record }: Pick<OpenedExec, 'id' | 'record'>,
  code: number | 'unknown',
): Promise<void> {
  const subject = subjectOf(record)
  await events.write({
    type: 'container',
    status: 'exec_died',
    containerExitCode: code === 'unknown' ? -1 : code,
    ...subject,
    attributes: { ...subject.attributes, execID: id },
  })
}

/** What conmon's exit command does for a detached session. */
export async function cleanupExec(rooms: ExecRooms, name: string, sessionId: string): Promise<void> {
  const record = rooms.state.containers.find(name)
  if (!rooms.state.execSessions.get(sessionId)) return
  const exit = readExit(join(sessionDirectory(rooms, record.id, sessionId), 'exit'), record.id)
  forgetSession(rooms, record.id, sessionId)
  await sayDied(rooms, { id: sessionId, record }, exit?.code ?? 'unknown')
}

interface OpenedExec {
  readonly id: string
  readonly record: ContainerRecord
  readonly spec: ExecSpec
  readonly job: ExecJob
}

async function openExec(
  rooms: ExecRooms,
  name: string,
  spec: ExecSpec,
  how: 'attached' | 'detached',
): Promise<OpenedExec> {
  const record = rooms.state.containers.find(name)
  if (!isRunning(rooms, record) || record.status.state !== 'running') throw notRunning(record)
  sweepSessions(rooms, record)
  const id = randomBytes(32).toString('hex')
  const paths = containerPaths(rooms.options, record.id)
  const directory = sessionDirectory(rooms, record.id, id)
  makeDirectories(record, directory)
  const processFile = join(directory, 'exec-process')
  const asked = rooms.config.containers.privileged ? { ...spec, privileged: 'yes' as const } : spec
  writeFileSync(processFile, writeSpec(await execProcess(record, paths.spec, asked)), { mode: 0o600 })
  await rooms.events.write({ type: 'container', status: 'exec', ...subjectOf(record) })
  expectMoves()
  const { options, config } = rooms
  const job: ExecJob = {
    conmon: options.conmon,
    containerId: record.id,
    sessionId: id,
    name: record.name,
    runtime: record.config.runtime,
    runtimeProgram: programOf(record.config.runtime),
    runtimeArgs: [...options.runtimeFlags, '--log-format=json', `--log=${join(directory, 'oci-log')}`],
    preserveFds: spec.preserveFds ?? [],
    bundle: directory,
    pidFile: join(directory, 'exec_pid'),
    conmonPidFile: join(directory, 'conmon.pid'),
    exitDir: join(directory, 'exit'),
    log: { driver: 'none' },
    logLevel: options.logLevel === 'warn' ? 'warning' : options.logLevel,
    terminal: spec.terminal === 'tty',
    stdin: spec.stdin === 'open',
    processFile,
    ociLog: join(directory, 'oci-log'),
    env: monitorEnvironment(config.engine.conmonEnv, options),
    ...(how === 'detached' ? { exitCommand: cleanupCommand(options, record, id) } : {}),
  }
  return { id, record, spec, job }
}

const notRunning = ({ name }: ContainerRecord, cause?: unknown): LibpodError =>
  new LibpodError('CONTAINER_STATE', 'can only create exec sessions on running containers: container state improper', {
    subject: name,
    ...(cause === undefined ? {} : { cause }),
  })

/** Nothing is made for a container that was removed meanwhile. */
function makeDirectories(record: ContainerRecord, session: string): void {
  try {
    mkdirSync(session, { mode: 0o700 })
    mkdirSync(join(session, 'exit'), { mode: 0o700 })
  } catch (cause) {
    throw notRunning(record, cause)
  }
}

/** The process object: the container's own, with what the caller changes; users are always numbers here. */
async function execProcess(record: ContainerRecord, specPath: string, exec: ExecSpec): Promise<Process> {
  const { readFile } = await import('node:fs/promises')
  const base = readSpec(await readFile(specPath, 'utf8')).process
  if (!base)
    throw new LibpodError('CONTAINER_STATE', `container ${record.id} has no process to take after`, {
      subject: record.name,
    })
  const user =
    exec.user === undefined
      ? undefined
      : resolveUser({ ...record, config: { ...record.config, user: exec.user } }, record.status.mountPoint ?? '/')
  const env = [...(base.env ?? [])].filter(line => !Object.hasOwn(exec.env ?? {}, line.slice(0, line.indexOf('='))))
  const home = user ? env.filter(line => !line.startsWith('HOME=')).concat(`HOME=${user.home}`) : env
  const terminal = exec.terminal === 'tty'
  return {
    ...base,
    terminal,
    args: exec.command,
    cwd: exec.workdir ?? base.cwd,
    env: [
      ...home,
      ...(terminal && !home.some(line => line.startsWith('TERM=')) ? ['TERM=xterm'] : []),
      ...Object.entries(exec.env ?? {}).map(([key, value]) => `${key}=${value}`),
    ],
    ...(user ? { user: { ...base.user, uid: user.uid, gid: user.gid, additionalGids: user.additionalGids } } : {}),
    ...(await capabilities(record, exec, user?.uid)),
  }
}

/** Another user loses or gains what his number means; `--privileged` gives all that the host has. */
async function capabilities(
  record: ContainerRecord,
  exec: ExecSpec,
  uid: number | undefined,
): Promise<{ readonly capabilities?: Capabilities }> {
  if (uid === undefined && exec.privileged !== 'yes') return {}
  const { security = {} } = record.config.spec
  const privileged = exec.privileged === 'yes' || security.privileged === 'yes' ? 'yes' : 'no'
  const { capabilities: available } = await readSpecHost()
  return { capabilities: capabilitySets(security.capabilities ?? {}, { privileged, uid: uid ?? 0, available }) }
}
