import { healthDefaults } from '../plan/health.ts'
import type { HealthSpec } from '../spec/health.ts'
import { type Generated, present } from './source.ts'

/** Podman numbers what is done about a failure; 1 is none that there is. */
const actions = { none: undefined, kill: 2, restart: 3, stop: 4 } as const

/** Of the container, those of its image included. */
export function healthOf(health: HealthSpec | undefined): Generated {
  const { test, startup, onFailure = 'none', logDestination, maxLogCount, maxLogSize } = health ?? {}
  return {
    ...present({
      healthconfig: test?.length ? check({ ...health, test }) : undefined,
      health_check_on_failure_action: actions[onFailure],
      startupHealthConfig: startup?.test ? startupCheck(startup) : undefined,
    }),
    healthLogDestination: logDestination ?? 'local',
    healthMaxLogCount: maxLogCount ?? healthDefaults.maxLogCount,
    healthMaxLogSize: maxLogSize ?? healthDefaults.maxLogSize,
  }
}

function check({ test, startPeriod, interval, timeout, retries }: HealthSpec): Generated {
  if (test?.[0] === 'NONE') return { Test: test }
  return present({
    Test: test,
    StartPeriod: startPeriod || undefined,
    Interval: interval ?? healthDefaults.interval,
    Timeout: timeout ?? healthDefaults.timeout,
    Retries: retries ?? healthDefaults.retries,
  })
}

function startupCheck({ test, interval, timeout, retries, successes }: NonNullable<HealthSpec['startup']>): Generated {
  return present({
    Test: test,
    Interval: interval ?? healthDefaults.interval,
    Timeout: timeout ?? healthDefaults.timeout,
    Retries: retries || undefined,
    Successes: successes || undefined,
  })
}
