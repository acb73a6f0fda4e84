import { RuntimeToolsError } from '../errors.ts'
import type { SpecHost } from '../generate/plan.ts'
import type { Rlimit } from '../spec/process.ts'

/** Names of setrlimit(2), lower case, as `--ulimit` takes them. */
export const rlimitNames = [
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
  'as',
] as const

/** `soft` and `hard` in the unit of the limit; -1 is unlimited. */
export interface LimitPair {
  readonly soft: number
  readonly hard: number
}

export interface NamedLimit extends LimitPair {
  /** `nofile`, `NOFILE` or `RLIMIT_NOFILE`. */
  readonly type: string
}

/** What the kernel calls unlimited (RLIM_INFINITY): one more than a number here can hold, which {@link writeSpec} knows. */
export const unlimited = 2 ** 64

/** `RLIMIT_NOFILE` of any of its spellings. @throws RuntimeToolsError RLIMIT_INVALID */
export function rlimitType(name: string): string {
  const short = shortName(name)
  if ((rlimitNames as readonly string[]).includes(short)) return `RLIMIT_${short.toUpperCase()}`
  throw new RuntimeToolsError('RLIMIT_INVALID', `invalid ulimit type: ${name}`, { subject: name })
}

/** The host's limits beyond which this process cannot go: CAP_SYS_RESOURCE in the initial user namespace goes anywhere. */
export const bindingLimits = ({ rootless, capabilities, rlimits }: SpecHost): Readonly<Record<string, LimitPair>> =>
  rootless === 'no' && capabilities.includes('CAP_SYS_RESOURCE') ? {} : rlimits

/**
 * Limits as the spec wants them, none above the host's hard limit: a runtime that may not raise a limit would refuse
 * to start the container. The last of two of the same type wins; sorted by type.
 */
export function clampRlimits(
  limits: readonly NamedLimit[],
  host: Readonly<Record<string, LimitPair>>,
): readonly Rlimit[] {
  const byType = new Map(limits.map(limit => [rlimitType(limit.type), clampOne(limit, host[shortName(limit.type)])]))
  return [...byType].map(([type, pair]) => ({ type, soft: finite(pair.soft), hard: finite(pair.hard) })).sort(byName)
}

function clampOne(limit: NamedLimit, host: LimitPair | undefined): LimitPair {
  if (amount(limit.soft) > amount(limit.hard)) {
    throw new RuntimeToolsError(
      'RLIMIT_INVALID',
      `ulimit soft limit must be less than or equal to hard limit: soft: ${limit.soft}, hard: ${limit.hard}`,
      { subject: limit.type },
    )
  }
  const most = host ? amount(host.hard) : Number.POSITIVE_INFINITY
  return { soft: Math.min(amount(limit.soft), most), hard: Math.min(amount(limit.hard), most) }
}

const shortName = (name: string) => name.toLowerCase().replace(/^rlimit_/, '')
const amount = (value: number) => (value === -1 ? Number.POSITIVE_INFINITY : value)
const finite = (value: number) => (value === Number.POSITIVE_INFINITY ? unlimited : value)
const byName = (a: Rlimit, b: Rlimit) => (a.type < b.type ? -1 : 1)
