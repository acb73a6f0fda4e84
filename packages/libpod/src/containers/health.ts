import type { Readable } from 'node:stream'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import type { HealthSpec } from '../spec/health.ts'
import type { ContainerRecord } from '../state/container.ts'
import { timestamp } from '../timestamp.ts'
import { subjectOf } from './create.ts'
import { execContainer } from './exec.ts'
import { afterRun, type HealthRun, type HealthStatus, readHealth, writeHealth } from './health-log.ts'
import { restartContainer } from './life.ts'
import { isRunning } from './liveness.ts'
import type { RemoveRooms } from './remove.ts'
import { killContainer, stopContainer } from './stop.ts'

const usualTimeout = 30_000

/**
 * Runs a container's health check once, writes its log and does what is to be done when it turns unhealthy.
 * @throws LibpodError CONTAINER_UNKNOWN, HEALTHCHECK_UNDEFINED
 */
export async function runHealthCheck(
  rooms: RemoveRooms,
  name: string,
  call: Call = {},
): Promise<HealthStatus | 'stopped'> {
  const record = rooms.state.containers.find(name)
  const spec = record.config.healthcheck
  const command = commandOf(spec?.test ?? [])
  if (!spec || !command)
    throw new LibpodError('HEALTHCHECK_UNDEFINED', `container ${record.id} has no defined healthcheck`, {
      subject: record.name,
    })
  if (!isRunning(rooms, record)) return 'stopped'
  const run = await runOnce(rooms, record, { command, timeout: (spec.timeout ?? 0) / 1e6 || usualTimeout, ...call })
  const before = readHealth(rooms.options, record.id)
  const startedAt = record.status.startedAt ?? 0
  const log = afterRun(before, run, { spec, startedAt, now: Date.now() })
  writeHealth(rooms.options, record.id, log)
  await rooms.events.write({
    type: 'container',
    status: 'health_status',
    ...subjectOf(record),
    healthStatus: log.Status,
  })
  if (log.Status === 'unhealthy') await react(rooms, record, spec.onFailure)
  return run.ExitCode === 0 ? 'healthy' : log.Status === 'starting' ? 'starting' : 'unhealthy'
}

/** `CMD` and its words, `CMD-SHELL` and a line for the shell; anything else is words. */
function commandOf([kind = '', ...words]: readonly string[]): readonly string[] | undefined {
  if (kind === '' || kind === 'NONE') return undefined
  if (kind === 'CMD-SHELL') return ['/bin/sh', '-c', words.join(' ')]
  return kind === 'CMD' ? words : [kind, ...words]
}

interface Run extends Call {
  readonly command: readonly string[]
  /** Milliseconds. */
  readonly timeout: number
}

async function runOnce(rooms: RemoveRooms, { name }: ContainerRecord, run: Run): Promise<HealthRun> {
  const start = new Date()
  const outcome = await Promise.race([output(rooms, name, run), late(run.timeout)]).catch((error: Error) => ({
    code: 1,
    text: error.message,
  }))
  return {
    Start: timestamp(start),
    End: timestamp(),
    ExitCode: outcome.code,
    Output: outcome.text,
  }
}

async function output(
  rooms: RemoveRooms,
  name: string,
  { command, signal }: Run,
): Promise<{ readonly code: number; readonly text: string }> {
  await using session = await execContainer(rooms, name, { command }, signal ? { signal } : {})
  const [stdout, stderr] = await Promise.all([textOf(session.stdout), textOf(session.stderr)])
  const ended = await session.ended
  return { code: ended.how === 'exited' ? ended.code : 1, text: stdout + stderr }
}

async function textOf(stream: Readable): Promise<string> {
  let text = ''
  for await (const bytes of stream) if (text.length < 65_536) text += String(bytes)
  return text
}

function late(timeout: number): Promise<{ readonly code: number; readonly text: string }> {
  const text = `healthcheck command exceeded timeout of ${timeout / 1000}s`
  return new Promise(resolve => setTimeout(resolve, timeout, { code: 1, text }).unref())
}

async function react(rooms: RemoveRooms, { id }: ContainerRecord, action: HealthSpec['onFailure']): Promise<void> {
  if (action === 'kill') await killContainer(rooms, id, 'SIGKILL')
  else if (action === 'stop') await stopContainer(rooms, id)
  else if (action === 'restart') await restartContainer(rooms, id)
}
