/** The closed list of what can go wrong; each code keeps its meaning for ever. */
export type ImageErrorCode =
  | 'REFERENCE_INVALID'
  | 'TRANSPORT_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'DIGEST_MISMATCH'
  | 'MANIFEST_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNSUPPORTED'
  | 'CONFIG_INVALID'
  | 'BLOB_UNKNOWN'
  | 'SIZE_EXCEEDED'
  | 'PLATFORM_UNAVAILABLE'
  | 'REGISTRY_UNREACHABLE'
  | 'REGISTRY_ERROR'
  | 'REGISTRY_BLOCKED'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'TOO_MANY_REQUESTS'
  | 'NAME_UNKNOWN'
  | 'CREDENTIALS_INVALID'
  | 'CREDENTIALS_UNKNOWN'
  | 'REGISTRIES_INVALID'
  | 'SHORT_NAME_UNRESOLVED'
  | 'POLICY_INVALID'
  | 'POLICY_MISSING'
  | 'POLICY_REJECTED'
  | 'SIGNATURE_INVALID'
  | 'SIGNING_FAILED'
  | 'ARCHIVE_INVALID'
  | 'DESTINATION_REFUSED'
  | 'SOURCE_UNREADABLE'
  | 'COPY_UNSUPPORTED'
  | 'IMAGE_UNKNOWN'
  | 'FILE_UNKNOWN'
  | 'IMAGE_DAMAGED'
  | 'DAEMON_UNREACHABLE'

/** What an error is about and what to do; never a secret. */
export interface ImageErrorDetail {
  readonly subject?: string
  readonly hint?: string
  readonly status?: number
  readonly cause?: unknown
}

/** Text from outside made fit for a terminal or log: control and direction characters are shown, not obeyed. */
export const printable = (text: string): string =>
  text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** Every failure of this package; test `code`, not the class or the text. */
export class ImageError extends Error {
  override readonly name = 'ImageError'
  readonly code: ImageErrorCode
  readonly subject: string | undefined
  readonly hint: string | undefined
  /** HTTP status, when a registry answered. */
  readonly status: number | undefined

  constructor(code: ImageErrorCode, message: string, detail: ImageErrorDetail = {}) {
    super(printable(message), detail.cause === undefined ? undefined : { cause: detail.cause })
    this.code = code
    this.subject = detail.subject
    this.hint = detail.hint === undefined ? undefined : printable(detail.hint)
    this.status = detail.status
  }
}

/** Whether `error` is an {@link ImageError} with one of the codes (any code when none is named). */
export function isImageError(error: unknown, ...codes: readonly ImageErrorCode[]): error is ImageError {
  return error instanceof ImageError && (codes.length === 0 || codes.includes(error.code))
}
