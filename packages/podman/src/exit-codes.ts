import { UsageError } from './cli/usage-error.ts'
import { Interrupted } from './terminal.ts'

/** The exit status for an error of the engine that is not listed in `statuses`. */
export const engineFailed = 125

/** Codes (of any package's errors) whose exit status is not 125. */
const statuses: Readonly<Record<string, number>> = { COMMAND_NOT_EXECUTABLE: 126, COMMAND_NOT_FOUND: 127 }

const errorPrefix = 'Error: '
const unconfigured = 'Failed to obtain podman configuration: '

export interface Verdict {
  /** What is printed; undefined: nothing is. */
  readonly message: string | undefined
  /** What stands before it. */
  readonly prefix: string
  readonly status: number
}

/** Podman's wording and exit status for anything that was thrown. */
export function judge(error: unknown): Verdict {
  const prefix = errorPrefix
  if (error instanceof ExitStatus)
    return { message: error.message || undefined, prefix: error.prefix, status: error.status }
  if (error instanceof Interrupted) return { message: undefined, prefix, status: error.signal === 'SIGINT' ? 130 : 143 }
  if (error instanceof UsageError) return { message: error.message, prefix, status: engineFailed }
  if (codeOf(error) === 'CONFIG_MALFORMED') return { message: wording(error), prefix: unconfigured, status: 1 }
  return { message: wording(error), prefix, status: statuses[codeOf(error) ?? ''] ?? engineFailed }
}

/** Whether the command itself is what cannot be run, which has an exit status of its own. */
export const isCommandProblem = (error: unknown): boolean => Object.hasOwn(statuses, codeOf(error) ?? '')

/** The stable code of an error of ours (or of Node), when it has one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** The text after `Error: `. */
export function wording(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0 && !error.message)
    return error.errors.map(wording).join('\n')
  if (!(error instanceof Error)) return String(error)
  return fileProblem(error) ?? error.message
}

/** Node's file errors in the words of Go's `os` package: `open /x: no such file or directory`. */
function fileProblem(error: Error): string | undefined {
  if (!('syscall' in error) || !('path' in error) || typeof error.path !== 'string') return undefined
  const reason = /^[A-Z0-9]+: ([^,]+),/.exec(error.message)?.[1]
  return reason === undefined ? undefined : `${String(error.syscall)} ${error.path}: ${reason}`
}

/** Leaves a command with this status; the message, when there is one, is printed like any error, or as it is. */
export class ExitStatus extends Error {
  readonly status: number
  readonly prefix: string
  constructor(status: number, message = '', how: 'as-error' | 'as-it-is' = 'as-error') {
    super(message)
    this.status = status
    this.prefix = how === 'as-error' ? errorPrefix : ''
  }
}
