import { RuntimeToolsError } from '../errors.ts'
import { unlimited } from '../rlimits/rlimits.ts'
import type { Process } from './process.ts'
import type { Spec } from './spec.ts'

/** Text that JSON.stringify puts out as it is (ECMAScript's JSON.rawJSON, not yet in the compiler's library). */
const raw = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON

/**
 * `config.json`, or the process object of an exec session. Use this and not JSON.stringify: the unlimited of an rlimit is a number that JavaScript cannot hold, and
 * runtimes refuse the one next to it.
 */
export function writeSpec(spec: Spec | Process): string {
  return JSON.stringify(
    'ociVersion' in spec ? { ...spec, process: spec.process && writable(spec.process) } : writable(spec),
  )
}

const writable = (process: Process): object =>
  process.rlimits
    ? {
        ...process,
        rlimits: process.rlimits.map(({ type, soft, hard }) => ({
          type,
          soft: exactLimit(soft),
          hard: exactLimit(hard),
        })),
      }
    : process

/** A limit for JSON.stringify; -1 is unlimited, too. */
export const exactLimit = (limit: number): unknown =>
  limit === unlimited || limit === -1 ? raw('18446744073709551615') : limit

/**
 * Reads `config.json` without judging it; see {@link validateSpec}.
 * @throws RuntimeToolsError SPEC_INVALID when it is not a JSON object
 */
export function readSpec(text: string): Spec {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Spec
  } catch (cause) {
    throw new RuntimeToolsError('SPEC_INVALID', 'the runtime specification is not JSON', { cause })
  }
  throw new RuntimeToolsError('SPEC_INVALID', 'the runtime specification is not a JSON object')
}
