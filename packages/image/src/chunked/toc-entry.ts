import { ImageError } from '../errors.ts'

/** One line of a table of contents, as zstd:chunked spells it; what is empty is left out. */
export interface TocEntry {
  type: 'reg' | 'hardlink' | 'char' | 'block' | 'dir' | 'fifo' | 'symlink' | 'chunk'
  name: string
  linkName?: string | undefined
  mode?: number | undefined
  /** In bytes. */
  size?: number | undefined
  uid?: number | undefined
  gid?: number | undefined
  /** RFC 3339. */
  modtime?: string | undefined
  accesstime?: string | undefined
  changetime?: string | undefined
  devMajor?: number | undefined
  devMinor?: number | undefined
  /** Values in base64. */
  xattrs?: Record<string, string> | undefined
  /** Of the file's content. */
  digest?: string
  /** Where the content's frames begin and end in the blob. */
  offset?: number
  endOffset?: number
  chunkSize?: number
  chunkOffset?: number
  chunkDigest?: string
  chunkType?: 'zeros'
}

/** What the headers before a member say of it. */
export interface MemberExtension {
  readonly name?: Buffer
  readonly link?: Buffer
  readonly pax?: ReadonlyMap<string, Buffer>
}

const types: Readonly<Record<string, TocEntry['type']>> = {
  '0': 'reg',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'dir',
  '6': 'fifo',
}

/**
 * What a member's header says, as a reader of tar-split records would tell it: the two are compared.
 * @throws ImageError COPY_UNSUPPORTED for what a table of contents cannot say
 */
export function describeMember(block: Buffer, { name, link, pax = new Map() }: MemberExtension): TocEntry {
  const path = readText(pax.get('path') ?? name ?? headerName(block))
  const type = typeOf(block, path)
  if ([...pax.keys()].some(key => key.startsWith('GNU.sparse.'))) throw unsupported(path, 'it is a sparse file')
  const gnu = magic(block) === 'ustar  \0'
  const time = (key: string, at: number): string | undefined => {
    const said = pax.get(key)?.toString()
    if (said !== undefined && said !== '') return paxTime(said, path)
    const there = key === 'mtime' || (gnu && block[at] !== 0)
    return there ? formatTime(BigInt(numeric(block, at, 12)), 0) : undefined
  }
  const whole = (key: string, at: number, length: number): number =>
    integer(pax.get(key)?.toString(), path) ?? numeric(block, at, length)
  return {
    type,
    name: path,
    linkName: readText(pax.get('linkpath') ?? link ?? field(block, 157, 100)) || undefined,
    mode: numeric(block, 100, 8) || undefined,
    size: whole('size', 124, 12) || undefined,
    uid: whole('uid', 108, 8) || undefined,
    gid: whole('gid', 116, 8) || undefined,
    modtime: time('mtime', 136),
    accesstime: time('atime', 345),
    changetime: time('ctime', 357),
    ...(magic(block).startsWith('ustar') && {
      devMajor: numeric(block, 329, 8) || undefined,
      devMinor: numeric(block, 337, 8) || undefined,
    }),
    xattrs: attributes(pax),
  }
}

function typeOf(block: Buffer, path: string): TocEntry['type'] {
  const flag = block[156] ?? 0
  if (flag === 0) return path.endsWith('/') ? 'dir' : 'reg'
  const letter = String.fromCharCode(flag)
  const type = Object.hasOwn(types, letter) ? types[letter] : undefined
  if (type === undefined) throw unsupported(path, `it is a member of type ${JSON.stringify(letter)}`)
  return type
}

const unsupported = (path: string, why: string): ImageError =>
  new ImageError('COPY_UNSUPPORTED', `${JSON.stringify(path)} cannot be told by zstd:chunked: ${why}`, {
    subject: path,
  })

const magic = (block: Buffer): string => block.toString('latin1', 257, 265)

function headerName(block: Buffer): Buffer {
  const name = field(block, 0, 100)
  const prefix = magic(block) === 'ustar\u000000' ? field(block, 345, 155) : Buffer.alloc(0)
  return prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name])
}

function field(block: Buffer, start: number, length: number): Buffer {
  const bytes = block.subarray(start, start + length)
  const end = bytes.indexOf(0)
  return end < 0 ? bytes : bytes.subarray(0, end)
}

function readText(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw unsupported(bytes.toString('latin1'), 'its name is not UTF-8')
  }
}

/** Octal, or where the top bit is set base 256 with a sign (GNU). */
function numeric(block: Buffer, start: number, length: number): number {
  const bytes = block.subarray(start, start + length)
  const first = bytes[0] ?? 0
  if ((first & 0x80) === 0) return Number.parseInt(field(block, start, length).toString('latin1').trim() || '0', 8)
  const magnitude = BigInt(`0x${bytes.toString('hex')}`)
  return Number(BigInt.asIntN(length * 8 - 1, magnitude))
}

function integer(text: string | undefined, path: string): number | undefined {
  if (text === undefined || text === '') return undefined
  const value = /^-?[0-9]+$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value)) throw unsupported(path, `${JSON.stringify(text)} is no number`)
  return value
}

/** `seconds[.fraction]`, of which nine digits count. */
function paxTime(text: string, path: string): string {
  const [, sign = '', seconds, fraction = ''] = /^(-?)([0-9]+)(?:\.([0-9]*))?$/.exec(text) ?? []
  if (seconds === undefined) throw unsupported(path, `${JSON.stringify(text)} is no time`)
  const nanoseconds = Number(fraction.slice(0, 9).padEnd(9, '0'))
  const whole = BigInt(seconds)
  if (sign === '') return formatTime(whole, nanoseconds)
  return nanoseconds === 0 ? formatTime(-whole, 0) : formatTime(-whole - 1n, 1_000_000_000 - nanoseconds)
}

function formatTime(seconds: bigint, nanoseconds: number): string {
  const date = new Date(Number(seconds) * 1000)
  const fraction = nanoseconds === 0 ? '' : `.${String(nanoseconds).padStart(9, '0').replace(/0+$/, '')}`
  return `${date.toISOString().slice(0, -5)}${fraction}Z`
}

const attributePrefix = 'SCHILY.xattr.'

function attributes(pax: ReadonlyMap<string, Buffer>): Record<string, string> | undefined {
  const found = [...pax].filter(([key]) => key.startsWith(attributePrefix))
  if (found.length === 0) return undefined
  return Object.fromEntries(found.map(([key, value]) => [key.slice(attributePrefix.length), value.toString('base64')]))
}
