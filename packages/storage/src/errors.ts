/** The closed list of what can go wrong in a store; each code keeps its meaning for ever. */
export const errorCodes = {
  IMAGE_UNKNOWN: 'no image has this name or id',
  LAYER_UNKNOWN: 'no layer has this id',
  CONTAINER_UNKNOWN: 'no container has this name or id',
  BIG_DATA_UNKNOWN: 'the object has no such item',
  AMBIGUOUS_ID: 'the prefix is of more than one id',
  NAME_IN_USE: 'the name is taken',
  ID_IN_USE: 'the id is taken',
  ID_INVALID: 'the id is malformed',
  IMAGE_IN_USE: 'a container uses the image',
  LAYER_IN_USE: 'an image, a container or another layer stands on the layer',
  LAYER_MOUNTED: 'the layer is mounted',
  LAYER_NOT_MOUNTED: 'the layer is not mounted',
  LAYER_DAMAGED: 'what the layer should hold is not there',
  IMAGE_DAMAGED: 'a layer or item of the image is missing or wrong',
  STORE_READ_ONLY: 'the object belongs to a store that is only read',
  STORE_DAMAGED: 'a file of the store is malformed',
  STORE_IN_USE: 'another process holds the store',
  DRIVER_UNKNOWN: 'no driver has this name',
  DRIVER_UNSUPPORTED: 'the host cannot run this driver',
  OPTION_INVALID: 'an option of the store is malformed or unknown',
  CONFIG_INVALID: 'storage.conf is malformed',
  DIGEST_INVALID: 'the text is no digest',
  DIGEST_MISMATCH: 'the bytes are not those that the digest promises',
  ARCHIVE_INVALID: 'a tar is malformed',
  ARCHIVE_UNSAFE: 'an entry of a tar points outside the layer',
  ARCHIVE_UNSAFE_LINK: 'a link of a tar points outside the layer',
  ARCHIVE_DUPLICATE: 'a tar holds the same thing twice where it may not',
  ARCHIVE_LIMIT: 'a tar holds more than may be unpacked',
  ARCHIVE_OTHER_KIND: 'the archive is of another kind than was asked for',
  COMPRESSION_UNSUPPORTED: 'the compression is not understood',
  NO_SPACE: 'the file system is full',
  IO: 'a file could not be read or written',
} as const

export type StorageErrorCode = keyof typeof errorCodes

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
