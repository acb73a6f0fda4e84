import { type FileHandle, open } from 'node:fs/promises'
import { posix } from 'node:path'
import type { FileRange } from '../call.ts'
import { ImageError } from '../errors.ts'
import type { ImageFiles } from '../files/range.ts'
import { blockSize, padding, readHeader, type TarHeader } from './header.ts'

const maximumMembers = 1_000_000
const maximumExtension = 1024 * 1024
const maximumLinks = 16

type Member = { readonly range: FileRange } | { readonly link: string }

/**
 * Finds where each file of an uncompressed tar lies, reading headers only. Links lead to other members of the
 * archive and nowhere else.
 * @throws ImageError ARCHIVE_INVALID
 */
export async function indexTar(path: string): Promise<ImageFiles> {
  const handle = await open(path, 'r')
  try {
    const members = await readMembers(handle, path)
    return { find: async name => resolve(members, name) }
  } finally {
    await handle.close()
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

async function readMembers(handle: FileHandle, path: string): Promise<Map<string, Member>> {
  const members = new Map<string, Member>()
  const { size: end } = await handle.stat()
  let extension: Extension = {}
  for (let at = 0; at + blockSize <= end; ) {
    const header = readHeader(await readAt(handle, at, blockSize))
    if (header === undefined) return members
    const offset = at + blockSize
    const size = extension.size !== undefined && !'xgLK'.includes(header.type) ? extension.size : header.size
    if (offset + size > end) throw new ImageError('ARCHIVE_INVALID', `${path} ends in the middle of ${header.name}`)
    at = offset + size + padding(size)
    if ('xgLK'.includes(header.type)) {
      extension = { ...extension, ...(await readExtension(handle, header, offset)) }
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

interface Extension {
  readonly name?: string
  readonly link?: string
  readonly size?: number
}

/** GNU long names and the pax records that matter. */
async function readExtension(handle: FileHandle, header: TarHeader, offset: number): Promise<Extension> {
  if (header.size > maximumExtension) throw new ImageError('ARCHIVE_INVALID', 'a tar extension header is too large')
  if (header.type === 'g') return {}
  const body = await readAt(handle, offset, header.size)
  const value = body.toString('utf8').replace(/\0.*$/s, '')
  if (header.type === 'L') return { name: value }
  if (header.type === 'K') return { link: value }
  return readPax(body)
}

function readPax(body: Buffer): Extension {
  const records = new Map<string, string>()
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at)
    const length = Number(body.toString('latin1', at, space))
    if (space < 0 || !Number.isInteger(length) || length <= space - at || at + length > body.length) {
      throw new ImageError('ARCHIVE_INVALID', 'a tar has an invalid pax header')
    }
    const [key = '', ...rest] = body.toString('utf8', space + 1, at + length - 1).split('=')
    records.set(key, rest.join('='))
    at += length
  }
  const name = records.get('path')
  const link = records.get('linkpath')
  const size = Number(records.get('size') ?? Number.NaN)
  return {
    ...(name !== undefined && { name }),
    ...(link !== undefined && { link }),
    ...(Number.isSafeInteger(size) && size >= 0 && { size }),
  }
}

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await handle.read(buffer, 0, length, offset)
  if (bytesRead < length) throw new ImageError('ARCHIVE_INVALID', 'a tar ends in the middle of a header')
  return buffer
}
