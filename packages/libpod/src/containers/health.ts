import type { Readable } from 'node:stream'
import { LibpodError } from '../errors.ts'
import { isAlive } from '../host/process.ts'
import {
  activeHealth,
  afterStartupRun,
  healthCommand,
  healthDefaults,
  type StartupProgress,
  startupPending,
} from '../plan/health.ts'
import type { Call } from '../spec/call.ts'
import type { HealthSpec } from '../spec/health.ts'
import type { ContainerRecord } from '../state/container.ts'
import { timestamp } from '../timestamp.ts'
import { subjectOf } from './create.ts'
import { openAttached } from './exec.ts'
import { ifEnded } from './gone.ts'
import { afterRun, type HealthLog, type HealthRun, type HealthStatus, readHealth, writeHealth } from './health-log.ts'
import { renewHealthTimer } from './health-timer.ts'
import { restartContainer } from './life.ts'
import { isRunning } from './liveness.ts'
import { withContainer } from './lock.ts'
import type { RemoveRooms } from './remove.ts'
import { killContainer, stopContainer } from './stop.ts'
import type { StopHow } from './stop-process.ts'

/**
 * Runs a container's health check once (the startup check until it has passed), writes its log and does what is to be done when
 * it turns unhealthy; 'starting' until the startup check has passed and while nothing is to be run yet, 'stopped' when the container
 * ended meanwhile. @throws LibpodError CONTAINER_UNKNOWN, HEALTHCHECK_UNDEFINED, CONTAINER_STATE
 */
export async function runHealthCheck(rooms: RemoveRooms, name: string, call: Call = {}): Promise<HealthStatus> {
  const record = rooms.state.containers.find(name)
  const health = activeHealth(record.config.healthcheck)
  const startup = health && startupPending(health, record.status.startupHealth) ? health.startup : undefined
  const command = healthCommand((startup ?? health)?.test ?? [])
  if (!health || !command)
    throw new LibpodError('HEALTHCHECK_UNDEFINED', `container ${record.id} has no defined healthcheck`, {
      subject: record.name,
    })
  if (!isRunning(rooms, record))
    throw new LibpodError('CONTAINER_STATE', `container ${record.id} is not running`, { subject: record.name })
  if (!startup && health.startPeriodRuns === 'none' && inStartPeriod(record, health)) return 'starting'
  const timeout = (startup?.timeout ?? health.timeout ?? 0) / 1e6 || healthDefaults.timeout / 1e6
  const run = await runOnce(rooms, record, { command, timeout, ...call })
  const { log, verdict } = await settle(rooms, record, { run, health, startup })
  const onlyRun = record.status.process
  if (startup) {
    if (verdict === 'restart') await restartContainer(rooms, record.id, { onlyRun })
    return run.ExitCode === 0 ? 'healthy' : 'starting'
  }
  if (log.Status === 'unhealthy') await react(rooms, record, { action: health.onFailure, onlyRun })
  if (run.ExitCode === 0) return 'healthy'
  return log.Status === 'stopped' ? 'stopped' : 'unhealthy'
}

interface Finding {
  readonly run: HealthRun
  readonly health: HealthSpec
  readonly startup: HealthSpec['startup'] | undefined
}

type Settled = { readonly log: HealthLog; readonly verdict: 'passed' | 'restart' | 'go-on' }

/**
 * What the run means for the container, written down under its lock: two checks may end at once. Of a container that was started
 * anew meanwhile it says nothing.
 */
function settle(rooms: RemoveRooms, checked: ContainerRecord, finding: Finding): Promise<Settled> {
  return withContainer(rooms, checked.id, async record => {
    const { run, health, startup } = finding
    if (isRunning(rooms, record) && record.status.process?.startTime !== checked.status.process?.startTime)
      return { log: { ...readHealth(rooms.options, record), Status: 'stopped' }, verdict: 'go-on' }
    const log = afterRun(readHealth(rooms.options, record), run, {
      spec: health,
      failures: startup || inStartPeriod(record, health) ? 'do-not-count' : 'count',
      container: isRunning(rooms, record) ? 'running' : 'stopped',
    })
    writeHealth(rooms.options, record, log)
    await rooms.events.write({
      type: 'container',
      status: 'health_status',
      ...subjectOf(record),
      healthStatus: log.Status,
      healthFailingStreak: log.FailingStreak,
      ...(health.logDestination === 'events_logger' ? { healthLog: log.Log.at(-1)?.Output ?? '' } : {}),
    })
    return {
      log,
      verdict: startup && isRunning(rooms, record) ? countStartup(rooms, record, { run, startup }) : 'go-on',
    }
  })
}

const inStartPeriod = ({ status }: ContainerRecord, { startPeriod = 0 }: HealthSpec): boolean =>
  Date.now() - (status.startedAt ?? 0) < startPeriod / 1e6

function countStartup(
  rooms: RemoveRooms,
  record: ContainerRecord,
  { run, startup }: { readonly run: HealthRun; readonly startup: NonNullable<HealthSpec['startup']> },
): Settled['verdict'] {
  const outcome = run.ExitCode === 0 ? 'success' : 'failure'
  const { progress, verdict } = afterStartupRun(startup, record.status.startupHealth, outcome)
  const counted = writeProgress(rooms, record, progress)
  if (verdict === 'passed') renewHealthTimer(rooms, counted)
  return verdict
}

function writeProgress(
  { state }: RemoveRooms,
  record: ContainerRecord,
  startupHealth: StartupProgress,
): ContainerRecord {
  const status = { ...record.status, startupHealth }
  state.containers.setStatus(record.id, status)
  return { ...record, status }
}

interface Run extends Call {
  readonly command: readonly string[]
  /** Milliseconds. */
  readonly timeout: number
}

/** A command that fails is 1, one that takes too long -1, one that cannot be run at all 125 (1 when it is missing). */
async function runOnce(rooms: RemoveRooms, { name }: ContainerRecord, run: Run): Promise<HealthRun> {
  const start = new Date()
  const outcome = await output(rooms, name, run).catch((error: Error & { code?: unknown }) => ({
    code: ['COMMAND_NOT_FOUND', 'COMMAND_NOT_EXECUTABLE', 'RUNTIME_FAILED'].includes(String(error.code)) ? 1 : 125,
    text: error.message,
  }))
  return { Start: timestamp(start), End: timestamp(), ExitCode: outcome.code, Output: outcome.text }
}

interface Outcome {
  readonly code: number
  readonly text: string
}

async function output(rooms: RemoveRooms, name: string, { command, timeout, signal }: Run): Promise<Outcome> {
  const { session, process: checker } = await openAttached(rooms, name, { command }, signal ? { signal } : {})
  await using _ = session
  let late = false
  const timer = setTimeout(() => {
    late = true
    if (isAlive(checker, rooms.host.bootId)) process.kill(checker.pid, 'SIGKILL')
  }, timeout)
  try {
    const text = await textOf([session.stdout, session.stderr])
    const ended = await session.ended
    if (late) return { code: -1, text: `${text}healthcheck command exceeded timeout of ${timeout / 1000}s` }
    return { code: ended.how === 'exited' && ended.code === 0 ? 0 : 1, text }
  } finally {
    clearTimeout(timer)
  }
}

/** Both streams as they come; a check that says more than anybody reads is drained and cut. */
async function textOf(streams: readonly Readable[]): Promise<string> {
  let text = ''
  const read = async (stream: Readable): Promise<void> => {
    for await (const bytes of stream) if (text.length < 65_536) text += String(bytes)
  }
  await Promise.all(streams.map(read))
  return text
}

interface Reaction extends Pick<StopHow, 'onlyRun'> {
  readonly action: HealthSpec['onFailure']
}

async function react(rooms: RemoveRooms, { id }: ContainerRecord, { action, onlyRun }: Reaction): Promise<void> {
  if (action === 'kill') await killContainer(rooms, id, 'SIGKILL').catch(ifEnded)
  else if (action === 'stop') await stopContainer(rooms, id).catch(ifEnded)
  else if (action === 'restart') await restartContainer(rooms, id, { onlyRun })
}
