import { StorageError } from '../errors.ts'

/**
 * The file that holds an item: the key itself while it is plain, else its base64 behind `=`. A key whose only unusual
 * character is its last is taken as it is, as every other reader of the format does. Undefined when no file can have the name.
 */
export function fileOfKey(key: string): string | undefined {
  const odd = key.search(/[^0-9a-z.]/)
  const file = odd < 0 || odd === key.length - 1 ? key : `=${Buffer.from(key).toString('base64')}`
  const impossible = ['', '.', '..'].includes(file) || file.includes('/') || file.includes('\0') || file.length > 255
  return impossible ? undefined : file
}

/** The file that holds an item. @throws StorageError ID_INVALID when the key cannot be a file name */
export function bigDataFile(key: string): string {
  const file = fileOfKey(key)
  if (file !== undefined) return file
  throw new StorageError('ID_INVALID', `big data key ${JSON.stringify(key)} cannot be stored`, { subject: key })
}

/** The key behind a file's name; the inverse of {@link bigDataFile}. Undefined when no key is written so. */
export function bigDataKey(file: string): string | undefined {
  const key = file.startsWith('=') ? Buffer.from(file.slice(1), 'base64').toString() : file
  return fileOfKey(key) === file ? key : undefined
}
