import { setTimeout as sleep } from 'node:timers/promises'
import type { Call } from '../../call.ts'
import { ImageError } from '../../errors.ts'
import type { AccessOptions } from '../transport.ts'
import type { Response } from './http.ts'

const longestPause = 60_000
const firstPause = 1_000
const brokenConnections: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_INFO',
])

/** How often and how soon something is tried again. */
export interface RetryPlan extends Call {
  readonly retries: number
  /** The first pause in milliseconds; unset is 1000, doubled each time. */
  readonly firstPause: number | undefined
}

export const retryPlan = ({ retries = 3, retryDelay }: AccessOptions, call: Call = {}): RetryPlan => ({
  retries,
  firstPause: retryDelay,
  ...(call.signal !== undefined && { signal: call.signal }),
})

/** Sends until the answer is none that another try may better: 429, most of 5xx, a broken connection. */
export async function retrying(send: () => Promise<Response>, plan: RetryPlan): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const outcome = await send().catch((error: unknown) => ({ error }))
    plan.signal?.throwIfAborted()
    const pause = attempt < plan.retries ? retryPause(outcome, attempt, plan.firstPause) : undefined
    if (pause === undefined) {
      if ('error' in outcome) throw outcome.error
      return outcome
    }
    if (!('error' in outcome)) await outcome.body.dump().catch(() => undefined)
    await sleep(pause, undefined, plan.signal && { signal: plan.signal })
  }
}

/** Milliseconds to wait before another try, or undefined when it would not help. */
function retryPause(
  outcome: Response | { readonly error: unknown },
  attempt: number,
  first = firstPause,
): number | undefined {
  const exponential = Math.min(first * 2 ** attempt, longestPause)
  if ('error' in outcome) return isBrokenConnection(outcome.error) ? exponential : undefined
  const { statusCode } = outcome
  if (statusCode !== 429 && (statusCode < 500 || statusCode === 501 || statusCode > 504)) return undefined
  return askedPause(outcome.headers['retry-after']) ?? exponential
}

/** Whether the peer went away in the middle, as against never having been there. */
export function isBrokenConnection(error: unknown): boolean {
  const cause: unknown = error instanceof ImageError ? error.cause : error
  const { code } = (cause ?? {}) as { code?: unknown }
  return typeof code === 'string' && (brokenConnections.has(code) || code.startsWith('HPE_'))
}

/** `Retry-After` in seconds or as a date (RFC 9110 §10.2.3). */
function askedPause(value: string | string[] | undefined): number | undefined {
  if (typeof value !== 'string') return undefined
  const wait = /^[0-9]+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), longestPause) : undefined
}
