/** Builds archives byte by byte, also ones that no honest tool writes. */

export interface EvilEntry {
  readonly name: string | Buffer
  readonly type?: string
  readonly link?: string | Buffer
  readonly data?: string | Buffer
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly size?: number
  readonly pax?: Readonly<Record<string, string | Buffer>>
  /** A wrong one is kept. */
  readonly checksum?: number
}

export function evilTar(entries: readonly EvilEntry[], end: 'ended' | 'open' = 'ended'): Buffer {
  return Buffer.concat([...entries.map(entryBytes), ...(end === 'ended' ? [Buffer.alloc(1024)] : [])])
}

export function entryBytes(entry: EvilEntry): Buffer {
  const data = Buffer.from(entry.data ?? '')
  const pax = entry.pax ? paxBytes(entry.pax) : Buffer.alloc(0)
  return Buffer.concat([pax, header(entry, entry.size ?? data.length), padded(data)])
}

const padded = (data: Buffer): Buffer => Buffer.concat([data, Buffer.alloc((512 - (data.length % 512)) % 512)])

function paxBytes(records: Readonly<Record<string, string | Buffer>>): Buffer {
  const data = Buffer.concat(Object.entries(records).map(([key, value]) => paxRecord(key, Buffer.from(value))))
  return Buffer.concat([header({ name: 'pax', type: 'x' }, data.length), padded(data)])
}

function paxRecord(key: string, value: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')])
  let length = body.length
  while (String(length).length + body.length !== length) length = String(length).length + body.length
  return Buffer.concat([Buffer.from(String(length)), body])
}

function header(entry: EvilEntry, size: number): Buffer {
  const block = Buffer.alloc(512)
  Buffer.from(entry.name).copy(block, 0, 0, 100)
  const octal = (at: number, length: number, value: number) =>
    block.write(value.toString(8).padStart(length - 1, '0'), at)
  octal(100, 8, entry.mode ?? 0o644)
  octal(108, 8, entry.uid ?? 0)
  octal(116, 8, entry.gid ?? 0)
  octal(124, 12, size)
  octal(136, 12, 1_500_000_000)
  block.write(entry.type ?? '0', 156)
  Buffer.from(entry.link ?? '').copy(block, 157, 0, 100)
  block.write('ustar\x0000', 257, 'latin1')
  octal(329, 8, 0)
  octal(337, 8, 0)
  block.fill(0x20, 148, 156)
  const sum = entry.checksum ?? block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}
