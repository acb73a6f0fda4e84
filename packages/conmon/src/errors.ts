/** Every code that this package raises, each with one sentence. */
export const errorCodes = {
  ATTACH_FAILED: 'the attach socket cannot be reached',
  CONTROL_FAILED: 'the monitor does not take orders through its control pipe',
  DETACH_KEYS_INVALID: 'the text is no sequence of detach keys',
  EXECUTABLE_NOT_FOUND: 'the container has no such program (a shell exits with 127 then)',
  EXECUTABLE_NOT_PERMITTED: 'the program may not be executed (a shell exits with 126 then)',
  LOG_UNREADABLE: 'the log cannot be read',
  LOG_UNSUPPORTED: 'this log driver keeps nothing that can be read back',
  MONITOR_DIED: 'conmon ended before it told how the container is',
  MONITOR_NOT_FOUND: 'no usable conmon executable was found',
  RUNTIME_FAILED: 'the OCI runtime refused to create the container or to run the command',
  RUNTIME_NOT_FOUND: 'the OCI runtime could not be executed',
  RUNTIME_TIMED_OUT: 'the OCI runtime did not finish in time and was killed',
} as const

export type ConmonErrorCode = keyof typeof errorCodes

export interface ConmonErrorOptions {
  readonly subject?: string | undefined
  readonly lastWords?: string | undefined
  readonly cause?: unknown
}

/** What went wrong with a monitor, told by a stable code. */
export class ConmonError extends Error {
  readonly code: ConmonErrorCode
  /** The container, file or program concerned. */
  readonly subject: string | undefined
  /** The OCI runtime's own last words, as it wrote them, without the runtime's log decoration. */
  readonly lastWords: string | undefined

  constructor(code: ConmonErrorCode, message: string, options: ConmonErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'ConmonError'
    this.code = code
    this.subject = options.subject
    this.lastWords = options.lastWords
  }
}
