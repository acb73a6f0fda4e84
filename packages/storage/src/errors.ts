/** The closed list of what can go wrong in a store; each code keeps its meaning for ever. */
export type StorageErrorCode =
  | 'IMAGE_UNKNOWN'
  | 'LAYER_UNKNOWN'
  | 'CONTAINER_UNKNOWN'
  | 'BIG_DATA_UNKNOWN'
  | 'AMBIGUOUS_ID'
  | 'NAME_IN_USE'
  | 'ID_IN_USE'
  | 'ID_INVALID'
  | 'IMAGE_IN_USE'
  | 'LAYER_IN_USE'
  | 'LAYER_MOUNTED'
  | 'LAYER_NOT_MOUNTED'
  | 'LAYER_DAMAGED'
  | 'IMAGE_DAMAGED'
  | 'STORE_READ_ONLY'
  | 'STORE_DAMAGED'
  | 'STORE_IN_USE'
  | 'DRIVER_UNKNOWN'
  | 'DRIVER_UNSUPPORTED'
  | 'OPTION_INVALID'
  | 'CONFIG_INVALID'
  | 'DIGEST_INVALID'
  | 'DIGEST_MISMATCH'
  | 'ARCHIVE_INVALID'
  | 'ARCHIVE_UNSAFE'
  | 'ARCHIVE_UNSAFE_LINK'
  | 'ARCHIVE_DUPLICATE'
  | 'ARCHIVE_LIMIT'
  | 'ARCHIVE_OTHER_KIND'
  | 'COMPRESSION_UNSUPPORTED'
  | 'NO_SPACE'
  | 'IO'

/** What an error is about, what to do, and what caused it. */
export interface StorageErrorDetail {
  readonly subject?: string
  readonly hint?: string
  readonly cause?: unknown
}

/** Every failure of this package; test `code`, not the class or the text. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly code: StorageErrorCode
  /** The id, name or path concerned. */
  readonly subject: string | undefined
  readonly hint: string | undefined

  constructor(code: StorageErrorCode, message: string, detail: StorageErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.code = code
    this.subject = detail.subject
    this.hint = detail.hint
  }
}

/** Whether `error` is a {@link StorageError} with one of the codes (any code when none is named). */
export function isStorageError(error: unknown, ...codes: readonly StorageErrorCode[]): error is StorageError {
  return error instanceof StorageError && (codes.length === 0 || codes.includes(error.code))
}
