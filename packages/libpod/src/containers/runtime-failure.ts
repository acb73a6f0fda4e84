import { LibpodError } from '../errors.ts'

/** What conmon reports of a runtime that could not run the program, in the engine's words (exit statuses 127, 126, 125). */
export function commandError(error: unknown, subject: string): unknown {
  const { code, message, lastWords } = error as { code?: unknown; message?: string; lastWords?: string }
  const words = message ?? lastWords ?? ''
  switch (code) {
    case 'EXECUTABLE_NOT_FOUND':
      return new LibpodError(
        'COMMAND_NOT_FOUND',
        `${words}: OCI runtime attempted to invoke a command that was not found`,
        { subject, cause: error },
      )
    case 'EXECUTABLE_NOT_PERMITTED':
      return new LibpodError('COMMAND_NOT_EXECUTABLE', `${words}: OCI permission denied`, { subject, cause: error })
    case 'RUNTIME_FAILED':
    case 'RUNTIME_TIMED_OUT':
    case 'RUNTIME_NOT_FOUND':
      return new LibpodError('RUNTIME_FAILED', `OCI runtime error: ${words}`, { subject, cause: error })
    case 'MONITOR_DIED':
    case 'MONITOR_NOT_FOUND':
      return new LibpodError('MONITOR_FAILED', words, { subject, cause: error })
    default:
      return error
  }
}
