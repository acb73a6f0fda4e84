import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ResolvedOptions } from '../engine.ts'
import { LibpodError } from '../errors.ts'
import { healthDefaults } from '../plan/health.ts'
import type { HealthSpec } from '../spec/health.ts'
import type { ContainerRecord } from '../state/container.ts'
import { containerPaths } from './paths.ts'

export type HealthStatus = 'starting' | 'healthy' | 'unhealthy' | 'stopped'

/** One run of a check. Times RFC 3339. */
export interface HealthRun {
  readonly Start: string
  readonly End: string
  readonly ExitCode: number
  readonly Output: string
}

/** The file's content, in Podman's form (healthcheck.log). */
export interface HealthLog {
  readonly Status: HealthStatus
  readonly FailingStreak: number
  readonly Log: readonly HealthRun[]
}

type Subject = Pick<ContainerRecord, 'id' | 'config'>

const fresh: HealthLog = { Status: 'starting', FailingStreak: 0, Log: [] }

/** Beside the container's run directory, or `<id>-healthcheck.log` in the directory that was asked for. */
function fileOf(options: ResolvedOptions, { id, config }: Subject): string {
  const destination = config.healthcheck?.logDestination ?? 'local'
  const own = destination === 'local' || destination === 'events_logger' || destination === ''
  return own
    ? join(dirname(containerPaths(options, id).run), 'healthcheck.log')
    : join(destination, `${id}-healthcheck.log`)
}

/** @throws LibpodError SPEC_INVALID when the log is to go where no directory is */
export function checkDestination({ logDestination: path }: HealthSpec): void {
  if (path === undefined || path === '' || path === 'local' || path === 'events_logger') return
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isDirectory()) return
  const problem = found ? 'destination must be directory' : `destination error: stat ${path}: no such file or directory`
  throw new LibpodError('SPEC_INVALID', `HealthCheck Log '${path}' ${problem}`, { subject: path })
}

/** What the checks of a container said so far; one that is not readable says nothing. */
export function readHealth(options: ResolvedOptions, subject: Subject): HealthLog {
  try {
    return { ...fresh, ...JSON.parse(readFileSync(fileOf(options, subject), 'utf8')) }
  } catch {
    return fresh
  }
}

/** @throws Error of `node:fs` when the directory that was asked for is gone */
export function writeHealth(options: ResolvedOptions, subject: Subject, log: HealthLog): void {
  const file = fileOf(options, subject)
  writeFileSync(`${file}.new`, JSON.stringify(log), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** A new run of the container begins anew. */
export const resetHealth = (options: ResolvedOptions, subject: Subject): void =>
  rmSync(fileOf(options, subject), { force: true })

export interface Judgement {
  readonly spec: HealthSpec
  /** Failures before the start period is over, and those of a startup check, do not count. */
  readonly failures: 'count' | 'do-not-count'
  /** The container ended while it was checked. */
  readonly container: 'running' | 'stopped'
}

/** The log after one more run (podman-run(1), --health-retries). Pure. */
export function afterRun(log: HealthLog, run: HealthRun, { spec, failures, container }: Judgement): HealthLog {
  const { maxLogCount, maxLogSize } = { ...healthDefaults, ...spec }
  const kept = [...log.Log, maxLogSize > 0 ? { ...run, Output: run.Output.slice(0, maxLogSize) } : run]
  const Log = maxLogCount > 0 ? kept.slice(-maxLogCount) : kept
  if (run.ExitCode === 0) return { Status: 'healthy', FailingStreak: 0, Log }
  if (container === 'stopped') return { ...log, Status: 'stopped', Log }
  if (failures === 'do-not-count') return { ...log, Log }
  const FailingStreak = log.FailingStreak + 1
  const Status = FailingStreak >= (spec.retries || healthDefaults.retries) ? 'unhealthy' : log.Status
  return { Status, FailingStreak, Log }
}
