import { StorageError } from '../errors.ts'
import { type ByteString, shown } from '../tar/bytes.ts'

/** Linux's PATH_MAX without its NUL. */
const longestPath = 4095

/**
 * A name from an archive as a path below the root: no leading `/`, no `.`, no empty parts, `..` resolved; '' is the root.
 * @throws StorageError ARCHIVE_UNSAFE when it leads out of the root or holds a NUL, ARCHIVE_LIMIT
 */
export function cleanPath(name: ByteString): ByteString {
  if (name.length > longestPath) throw new StorageError('ARCHIVE_LIMIT', `a name of ${name.length} bytes is too long`)
  if (isClean(name)) return name
  if (name.includes('\0')) throw unsafe(name)
  const parts: string[] = []
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) throw unsafe(name)
  }
  return parts.join('/')
}

/** The usual case, decided by one look. */
const isClean = (name: ByteString): boolean => !/^\/|\/$|(?:^|\/)(?:\.{0,2})(?:\/|$)|\0/.test(name)

const unsafe = (name: ByteString): StorageError =>
  new StorageError('ARCHIVE_UNSAFE', `entry ${shown(name)} would lie outside the layer`, { subject: name })

/** Directory and last part. */
export function splitPath(path: ByteString): readonly [directory: ByteString, base: ByteString] {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)]
}
