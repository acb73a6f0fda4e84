import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ResolvedOptions } from '../engine.ts'
import type { HealthSpec } from '../spec/health.ts'
import { containerPaths } from './paths.ts'

export type HealthStatus = 'starting' | 'healthy' | 'unhealthy'

/** One run of a check. Times RFC 3339. */
export interface HealthRun {
  readonly Start: string
  readonly End: string
  readonly ExitCode: number
  readonly Output: string
}

/** The file's content, in Podman's form (interop E3, healthcheck.log). */
export interface HealthLog {
  readonly Status: HealthStatus
  readonly FailingStreak: number
  readonly Log: readonly HealthRun[]
}

const fresh: HealthLog = { Status: 'starting', FailingStreak: 0, Log: [] }

const fileOf = (options: ResolvedOptions, id: string): string =>
  join(dirname(containerPaths(options, id).run), 'healthcheck.log')

/** What the checks of a container said so far; one that is not readable says nothing. */
export function readHealth(options: ResolvedOptions, id: string): HealthLog {
  try {
    return { ...fresh, ...JSON.parse(readFileSync(fileOf(options, id), 'utf8')) }
  } catch {
    return fresh
  }
}

export function writeHealth(options: ResolvedOptions, id: string, log: HealthLog): void {
  const file = fileOf(options, id)
  writeFileSync(`${file}.new`, JSON.stringify(log), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** A new run of the container begins anew. */
export const resetHealth = (options: ResolvedOptions, id: string): void => rmSync(fileOf(options, id), { force: true })

export interface Judgement {
  readonly spec: HealthSpec
  readonly startedAt: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** The log after one more run: failures count once the start period is over (podman-run(1), --health-retries). Pure. */
export function afterRun(log: HealthLog, run: HealthRun, { spec, startedAt, now }: Judgement): HealthLog {
  const { retries = 3, startPeriod = 0, maxLogCount = 5, maxLogSize = 500 } = spec
  const kept = [...log.Log, maxLogSize > 0 ? { ...run, Output: run.Output.slice(0, maxLogSize) } : run]
  const Log = maxLogCount > 0 ? kept.slice(-maxLogCount) : kept
  if (run.ExitCode === 0) return { Status: 'healthy', FailingStreak: 0, Log }
  if (now - startedAt < startPeriod / 1e6) return { ...log, Log }
  const FailingStreak = log.FailingStreak + 1
  return { Status: FailingStreak >= (retries || 3) ? 'unhealthy' : log.Status, FailingStreak, Log }
}
