import { type ByteString, toBytes } from './bytes.ts'
import type { TarEntry } from './entry.ts'
import { blockSize } from './header.ts'

const types: Readonly<Record<TarEntry['kind'], string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
}

/** What a writer says of an entry; the rest follows from it. Times in whole seconds. */
export type PackedEntry = Pick<
  TarEntry,
  'kind' | 'name' | 'linkName' | 'mode' | 'uid' | 'gid' | 'size' | 'mtimeNs' | 'devMajor' | 'devMinor' | 'xattrs'
>

/** The blocks before an entry's data: a ustar header, and a PAX one before it where ustar cannot say it. */
export function entryHeader(entry: PackedEntry): Buffer {
  const records = paxRecords(entry)
  const header = ustar(entry, types[entry.kind])
  if (records.length === 0) return header
  const data = Buffer.concat(records)
  const pax = { ...entry, name: 'PaxHeaders.0/entry', linkName: '', size: data.length, mode: 0o644, uid: 0, gid: 0 }
  return Buffer.concat([ustar({ ...pax, mtimeNs: 0n }, 'x'), data, padding(data.length), header])
}

/** Zeros up to the next block. */
export const padding = (size: number): Buffer => Buffer.alloc((blockSize - (size % blockSize)) % blockSize)

export const endOfArchive = Buffer.alloc(2 * blockSize)

const largestOctal7 = 0o7777777
const largestOctal11 = 0o77777777777
const isAscii = (text: ByteString): boolean => /^[\x20-\x7e]*$/.test(text)

function paxRecords(entry: PackedEntry): Buffer[] {
  const seconds = Number(entry.mtimeNs / 1_000_000_000n)
  const wanted: [string, Buffer][] = []
  const add = (when: boolean, key: string, value: ByteString): void => {
    if (when) wanted.push([key, toBytes(value)])
  }
  add(entry.name.length > 100 || !isAscii(entry.name), 'path', entry.name)
  add(entry.linkName.length > 100 || !isAscii(entry.linkName), 'linkpath', entry.linkName)
  add(entry.size > largestOctal11, 'size', String(entry.size))
  add(entry.uid > largestOctal7, 'uid', String(entry.uid))
  add(entry.gid > largestOctal7, 'gid', String(entry.gid))
  add(seconds < 0 || seconds > largestOctal11, 'mtime', String(seconds))
  for (const [name, value] of entry.xattrs) wanted.push([`SCHILY.xattr.${name}`, value])
  return wanted.map(([key, value]) => paxRecord(key, value))
}

/** A record's length counts its own digits. */
function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')])
  let length = rest.length + 1
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return Buffer.concat([Buffer.from(String(length)), rest])
}

function ustar(entry: PackedEntry, type: string): Buffer {
  const block = Buffer.alloc(blockSize)
  const seconds = Number(entry.mtimeNs / 1_000_000_000n)
  block.write(asciiCut(entry.name), 0, 100, 'latin1')
  octal(block, 100, 8, entry.mode)
  octal(block, 108, 8, entry.uid > largestOctal7 ? 0 : entry.uid)
  octal(block, 116, 8, entry.gid > largestOctal7 ? 0 : entry.gid)
  octal(block, 124, 12, entry.size > largestOctal11 ? 0 : entry.size)
  octal(block, 136, 12, seconds < 0 || seconds > largestOctal11 ? 0 : seconds)
  block.write(type, 156, 'latin1')
  block.write(asciiCut(entry.linkName), 157, 100, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  octal(block, 329, 8, entry.devMajor)
  octal(block, 337, 8, entry.devMinor)
  block.fill(0x20, 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

const asciiCut = (text: ByteString): string => text.replace(/[^\x20-\x7e]/g, '').slice(0, 100)

function octal(block: Buffer, at: number, length: number, value: number): void {
  block.write(value.toString(8).padStart(length - 1, '0'), at, length - 1, 'latin1')
}
