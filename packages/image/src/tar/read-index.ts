import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { posix } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { FileRange } from '../call.ts'
import { ImageError } from '../errors.ts'
import type { ImageFiles } from '../files/range.ts'
import { type Extension, extensionTypes, maximumExtension, readExtension } from './extension.ts'
import { blockSize, padding, readHeader, type TarHeader } from './header.ts'

const maximumMembers = 1_000_000
const maximumLinks = 16
/** Headers that are read before anything else in this thread has its turn: each is there before another thread had been asked. */
const atOnce = 256

type Member = { readonly range: FileRange } | { readonly link: string }

/**
 * Finds where each file of an uncompressed tar lies, reading headers only. Links lead to other members of the
 * archive and nowhere else.
 * @throws ImageError ARCHIVE_INVALID
 */
export async function indexTar(path: string): Promise<ImageFiles> {
  const fd = openSync(path, 'r')
  try {
    const members = await readMembers(fd, path)
    return { find: async name => resolve(members, name) }
  } finally {
    closeSync(fd)
  }
}

function resolve(members: ReadonlyMap<string, Member>, name: string): FileRange | undefined {
  let at = clean(name)
  for (let hop = 0; hop < maximumLinks; hop++) {
    const member = members.get(at)
    if (member === undefined || 'range' in member) return member?.range
    at = member.link
  }
  return undefined
}

/** A member's name from the archive's root, without `./`, `..` and leading slashes. */
const clean = (name: string): string => posix.normalize(`/${name}`).slice(1)

async function readMembers(fd: number, path: string): Promise<Map<string, Member>> {
  const members = new Map<string, Member>()
  const { size: end } = fstatSync(fd)
  let extension: Extension = {}
  let read = 0
  for (let at = 0; at + blockSize <= end; ) {
    if (++read % atOnce === 0) await setImmediate()
    const header = readHeader(readAt(fd, at, blockSize))
    if (header === undefined) return members
    const offset = at + blockSize
    const size = extension.size !== undefined && !extensionTypes.includes(header.type) ? extension.size : header.size
    if (offset + size > end) throw new ImageError('ARCHIVE_INVALID', `${path} ends in the middle of ${header.name}`)
    at = offset + size + padding(size)
    if (extensionTypes.includes(header.type)) {
      extension = { ...extension, ...readBody(fd, header, offset) }
      continue
    }
    add(members, { ...header, ...extension, size }, { path, offset, length: size })
    extension = {}
    if (members.size > maximumMembers) throw new ImageError('ARCHIVE_INVALID', `${path} has too many members`)
  }
  return members
}

function add(members: Map<string, Member>, header: TarHeader, range: FileRange): void {
  const name = clean(header.name)
  if (header.type === '0' || header.type === '7') members.set(name, { range })
  if (header.type === '2') members.set(name, { link: clean(posix.join(posix.dirname(name), header.link)) })
  if (header.type === '1') members.set(name, { link: clean(header.link) })
}

function readBody(fd: number, header: TarHeader, offset: number): Extension {
  if (header.size > maximumExtension) throw new ImageError('ARCHIVE_INVALID', 'a tar extension header is too large')
  return readExtension(header.type, readAt(fd, offset, header.size))
}

function readAt(fd: number, offset: number, length: number): Buffer {
  const buffer = Buffer.alloc(length)
  if (readSync(fd, buffer, 0, length, offset) < length)
    throw new ImageError('ARCHIVE_INVALID', 'a tar ends in the middle of a header')
  return buffer
}
