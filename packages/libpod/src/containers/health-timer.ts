import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { ResolvedOptions } from '../engine.ts'
import { identify, isAlive } from '../host/process.ts'
import { activeHealth, healthDefaults, startupPending } from '../plan/health.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord, ContainerStatus, ProcessIdentity } from '../state/container.ts'
import { globalArguments, monitorEnvironment } from './monitor-job.ts'

/**
 * Runs a container's health check at once and then after every interval, without systemd and without a process of this program
 * between the checks: a shell sleeps. It ends when the container does not run any more. Undefined where there is nothing to do.
 */
export function startHealthTimer(
  options: ResolvedOptions,
  { id, config, status }: ContainerRecord,
  bootId: string,
): ProcessIdentity | undefined {
  const health = activeHealth(config.healthcheck)
  if (!health || options.cleanupCommand.length === 0) return undefined
  const chosen = startupPending(health, status.startupHealth) ? health.startup?.interval : health.interval
  const interval = chosen ?? healthDefaults.interval
  if (interval <= 0) return undefined
  const check = [...options.cleanupCommand, ...globalArguments(options), 'healthcheck', 'run', '--ignore-result', id]
  const script = 'seconds=$1; shift; while "$@"; do sleep "$seconds"; done'
  const timer = spawn('/bin/sh', ['-c', script, 'health-timer', String(interval / 1e9), ...check], {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...monitorEnvironment([], options) },
  })
  timer.on('error', () => {}) // without a shell there are no checks, and the container runs all the same
  timer.unref()
  return timer.pid === undefined ? undefined : identify(timer.pid, bootId)
}

/** The shell and its sleep; from within a check, which may be what stops the container, the shell alone. */
export function stopHealthTimer({ healthTimer }: ContainerStatus, bootId: string): void {
  if (!isAlive(healthTimer, bootId)) return
  const own = Number(
    readFileSync('/proc/self/stat', 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')[2],
  )
  try {
    process.kill(own === healthTimer.pid ? healthTimer.pid : -healthTimer.pid, 'SIGKILL')
  } catch {
    // It was quicker.
  }
}

/** The timer anew, for another check or another interval; to be called under the container's lock. */
export function renewHealthTimer(rooms: Pick<Rooms, 'options' | 'host' | 'state'>, record: ContainerRecord): void {
  const { bootId } = rooms.host
  stopHealthTimer(record.status, bootId)
  const { healthTimer: _, ...status } = record.status
  const timer = startHealthTimer(rooms.options, record, bootId)
  rooms.state.containers.setStatus(record.id, { ...status, ...(timer ? { healthTimer: timer } : {}) })
}
