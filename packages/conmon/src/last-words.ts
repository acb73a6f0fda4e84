import { basename } from 'node:path'
import { ConmonError, type ConmonErrorCode } from './errors.ts'

/** What a runtime wrote, and by whom it was passed on. */
export interface RuntimeFailure {
  readonly runtime: string
  readonly containerId: string
  /** The content of the runtime's log (`--log`), if there is any. */
  readonly ociLog: string
  /** What conmon passed on from the runtime's standard error. */
  readonly message: string
}

// The runtimes give these no codes of their own: both runc and crun end with 1 and say it in words.
const notPermitted = /permission denied|operation not permitted/i
const notFound = /executable file .*not found|no such file or directory|open executable/i

/** The error that a failed runtime deserves. */
export function runtimeError(failure: RuntimeFailure): ConmonError {
  const runtime = basename(failure.runtime)
  const lastWords = lastError(failure.ociLog) ?? lastError(failure.message) ?? failure.message
  const text = lastWords === '' ? 'failed without a word' : lastWords
  return new ConmonError(codeOf(text), `${runtime}: ${text}`, { subject: failure.containerId, lastWords })
}

function codeOf(lastWords: string): ConmonErrorCode {
  if (notPermitted.test(lastWords)) return 'EXECUTABLE_NOT_PERMITTED'
  return notFound.test(lastWords) ? 'EXECUTABLE_NOT_FOUND' : 'RUNTIME_FAILED'
}

/** The last error among the JSON lines that a runtime logs with `--log-format=json`. */
export function lastError(text: string): string | undefined {
  return text
    .split('\n')
    .map(errorText)
    .findLast(message => message !== undefined)
}

function errorText(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const { level, msg } = JSON.parse(line) as { level?: unknown; msg?: unknown }
    return (level === 'error' || level === 'fatal') && typeof msg === 'string' ? msg.trim() : undefined
  } catch {
    return undefined
  }
}
