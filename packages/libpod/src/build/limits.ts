import { bindingLimits, clampRlimits, type LimitPair, type SpecHost, unlimited } from '@libpod/runtime-tools'
import type { EngineConfig } from '../config/engine-config.ts'
import { limitsFor, ulimit } from '../plan/spec.ts'

/**
 * The limits to ask Buildah for: newer ones set their defaults and fail where this process may not. What was asked for stays; the
 * defaults are named where one is too high, all of them, for what is named takes the place of what is configured.
 */
export function stepLimits(
  asked: readonly string[],
  config: Pick<EngineConfig['containers'], 'ulimits'>,
  host: SpecHost & { readonly pidMax: number },
): readonly string[] {
  const named = new Set(asked.map(text => ulimit(text).type.toLowerCase()))
  const defaults = (limitsFor([], config) ?? []).filter(({ type }) => !named.has(type.toLowerCase()))
  if (named.has('host')) return asked
  const whole = clampRlimits(defaults, {})
  const possible = clampRlimits(defaults, withinPids(bindingLimits(host), host.pidMax))
  return possible.every(({ soft, hard }, at) => soft === whole[at]?.soft && hard === whole[at]?.hard)
    ? asked
    : [...asked, ...possible.map(({ type, soft, hard }) => `${nameOf(type)}=${amount(soft)}:${amount(hard)}`)]
}

/** Older ones lower their own limit of processes to the number of ids that there are, and cannot go beyond that. */
const withinPids = (
  limits: Readonly<Record<string, LimitPair>>,
  pidMax: number,
): Readonly<Record<string, LimitPair>> =>
  limits.nproc === undefined ? limits : { ...limits, nproc: { soft: pidMax, hard: lower(limits.nproc.hard, pidMax) } }

const lower = (limit: number, most: number): number => (limit === -1 ? most : Math.min(limit, most))

const nameOf = (type: string): string => type.toLowerCase().replace(/^rlimit_/, '')
const amount = (value: number): number => (value === unlimited ? -1 : value)
