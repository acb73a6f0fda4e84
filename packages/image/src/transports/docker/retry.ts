import { ImageError } from '../../errors.ts'
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
])

/** Milliseconds to wait before another try, or undefined when it would not help. */
export function retryPause(
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
  return typeof code === 'string' && brokenConnections.has(code)
}

/** `Retry-After` in seconds or as a date (RFC 9110 §10.2.3). */
function askedPause(value: string | string[] | undefined): number | undefined {
  if (typeof value !== 'string') return undefined
  const wait = /^[0-9]+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), longestPause) : undefined
}
