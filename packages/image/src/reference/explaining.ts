import { ImageError } from '../errors.ts'

/** Parses; what is wrong is told with what was being parsed. @throws ImageError REFERENCE_INVALID */
export function explaining<T>(doing: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    if (!(cause instanceof ImageError)) throw cause
    const { subject } = cause
    throw new ImageError(cause.code, `${doing}: ${cause.message}`, { cause, ...(subject !== undefined && { subject }) })
  }
}
