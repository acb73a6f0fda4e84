/** The closed list of what can go wrong; each code keeps its meaning for ever. */
export const errorCodes = {
  REFERENCE_INVALID: 'the text is no reference to an image',
  TRANSPORT_UNKNOWN: 'no transport has this name',
  DIGEST_INVALID: 'the text is no digest, or of an unknown algorithm',
  DIGEST_MISMATCH: 'the bytes are not those that the digest promises',
  MANIFEST_UNKNOWN: 'the source has no such tag or manifest',
  MANIFEST_INVALID: 'a manifest is malformed, or could be read as two kinds at once',
  MANIFEST_UNSUPPORTED: 'the manifest is of a kind that is not understood here',
  MANIFEST_REFUSED: 'the destination takes no manifest of this type',
  CONFIG_INVALID: "an image's configuration is malformed",
  BLOB_UNKNOWN: 'the source has no such blob',
  SIZE_EXCEEDED: 'something from outside is larger than may be read',
  PLATFORM_UNAVAILABLE: 'the index has no image for this platform',
  REGISTRY_UNREACHABLE: 'the registry does not answer',
  REGISTRY_ERROR: 'the registry answered with an error, or with what makes no sense',
  REGISTRY_BLOCKED: 'registries.conf forbids this registry',
  UNAUTHORIZED: 'the registry wants other credentials',
  FORBIDDEN: 'the credentials do not allow this',
  TOO_MANY_REQUESTS: 'the registry asks to come back later',
  NAME_UNKNOWN: 'the registry has no such repository',
  CREDENTIALS_INVALID: 'a file of credentials or a helper answered with what makes no sense',
  CREDENTIALS_UNKNOWN: 'there are no credentials for this registry',
  REGISTRIES_INVALID: 'registries.conf is malformed',
  SHORT_NAME_UNRESOLVED: 'a short name could be several images, or none',
  SYNC_LIST_INVALID: 'a list of images to synchronize is malformed',
  POLICY_INVALID: 'policy.json is malformed',
  POLICY_MISSING: 'there is no policy.json',
  POLICY_REJECTED: 'the policy does not accept the image',
  SIGNATURE_INVALID: 'a signature does not verify',
  SIGNING_FAILED: 'the image could not be signed',
  ARCHIVE_INVALID: 'an archive of images is malformed',
  DESTINATION_REFUSED: 'the destination does not take this image or name',
  SOURCE_UNREADABLE: 'the source could not be read',
  COPY_UNSUPPORTED: 'this copy cannot keep what must be kept',
  IMAGE_UNKNOWN: 'the store or archive has no such image',
  FILE_UNKNOWN: 'the image has no such file',
  IMAGE_DAMAGED: 'the stored image lacks a part of it',
  LAYER_GONE: 'a layer that the store had was removed while the image was written',
  DAEMON_UNREACHABLE: 'the Docker daemon does not answer',
} as const

export type ImageErrorCode = keyof typeof errorCodes

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
