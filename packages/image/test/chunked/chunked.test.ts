import { createHash } from 'node:crypto'
import { mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { output, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { chunkedKeys } from '../../src/chunked/annotations.ts'
import { zstdChunked } from '../../src/chunked/compress.ts'
import { Crc64 } from '../../src/chunked/crc64.ts'
import { Splitter } from '../../src/chunked/split.ts'
import type { TocEntry } from '../../src/chunked/toc-entry.ts'
import { layerTar } from '../../src/compose/layer.ts'
import { decompress } from '../../src/copy/compression.ts'
import {
  composeImage,
  copyImage,
  digestOf,
  insecureAcceptAnything,
  parseImageName,
  type ReadImage,
  type Reference,
  readImage,
  readImageFile,
} from '../../src/index.ts'

/** Bytes that are the same each time and have no pattern. */
function noise(size: number, seed: string): Buffer {
  const pieces: Buffer[] = []
  for (let at = 0; at < size; at += 32) pieces.push(createHash('sha256').update(`${seed}${at}`).digest())
  return Buffer.concat(pieces).subarray(0, size)
}

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function chunked(tar: Uint8Array, piece = 10_000) {
  const { bytes, annotations } = zstdChunked(inPieces(tar, piece))
  const blob = Buffer.concat(await Array.fromAsync(bytes))
  const said = annotations()
  const [tocAt = 0, tocSize = 0, tocLength, type] = (said[chunkedKeys.position] ?? '').split(':').map(Number)
  const packedToc = blob.subarray(tocAt, tocAt + tocSize)
  const text = zstdDecompressSync(packedToc)
  const toc = JSON.parse(text.toString()) as { version: number; entries: TocEntry[]; tarSplitDigest: string }
  const [splitAt = 0, splitSize = 0, splitLength] = (said[chunkedKeys.tarSplit] ?? '').split(':').map(Number)
  const packedSplit = blob.subarray(splitAt, splitAt + splitSize)
  const split = zstdDecompressSync(packedSplit)
  const told = { type, tocLength, splitLength, checksum: said[chunkedKeys.checksum] }
  return { blob, toc, split: split.toString(), text, packedToc, packedSplit, told }
}

const parts = (toc: readonly TocEntry[], name: string) => toc.filter(entry => entry.name === name)
const hex = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

const big = noise(600_000, 'big')
const holed = Buffer.concat([noise(5000, 'a'), Buffer.alloc(100_000), noise(5000, 'b'), Buffer.alloc(1023)])
const files = [
  { path: 'etc', directory: true },
  { path: 'etc/motd', content: 'hello\n', uid: 3, mtime: 1_500_000_000 },
  { path: 'etc/empty', content: '' },
  { path: 'big', content: big },
  { path: 'holed', content: holed },
  { path: 'link', link: 'etc/motd' },
] as const
const tar = layerTar(files)

test('readers of zstd see the tar and nothing else', async t => {
  const { blob } = await chunked(tar)
  const seen = Buffer.concat(await Array.fromAsync(decompress(inPieces(blob, 7000), 'zstd')))
  t.true(seen.equals(tar))
})

test('the table of contents says where each file lies, and what it is', async t => {
  const { blob, toc, text, packedToc, packedSplit, told } = await chunked(tar)
  t.is(told.type, 1)
  t.is(told.tocLength, text.length)
  t.is(told.checksum, digestOf(packedToc))
  t.is(toc.version, 1)
  t.is(toc.tarSplitDigest, digestOf(packedSplit))
  const [directory, motd, empty] = toc.entries
  t.like(directory, { type: 'dir', name: 'etc/', mode: 0o755, modtime: '1970-01-01T00:00:00Z' })
  t.like(motd, { type: 'reg', name: 'etc/motd', mode: 0o644, size: 6, uid: 3, modtime: '2017-07-14T02:40:00Z' })
  t.deepEqual(zstdDecompressSync(blob.subarray(motd?.offset, motd?.endOffset)).toString(), 'hello\n')
  t.is(motd?.digest, `sha256:${hex(Buffer.from('hello\n'))}`)
  t.false('digest' in (empty ?? {}))
  t.like(toc.entries.at(-1), { type: 'symlink', name: 'link', linkName: 'etc/motd' })
})

for (const [name, content] of [
  ['big', big],
  ['holed', holed],
] as const) {
  test(`the chunks of a file give its content: ${name}`, async t => {
    const { blob, toc } = await chunked(tar)
    const chunks = parts(toc.entries, name)
    t.true(chunks.length > 2)
    let at = 0
    for (const [index, chunk] of chunks.entries()) {
      const end = chunks[index + 1]?.offset ?? chunks[0]?.endOffset
      const bytes = zstdDecompressSync(blob.subarray(chunk.offset, end))
      t.is(chunk.chunkOffset ?? 0, at)
      t.is(chunk.chunkSize, bytes.length)
      t.is(chunk.chunkDigest, `sha256:${hex(bytes)}`)
      t.true(bytes.equals(content.subarray(at, at + bytes.length)))
      t.is(chunk.chunkType === 'zeros', !bytes.some(byte => byte !== 0))
      at += bytes.length
    }
    t.is(at, content.length)
    t.is(chunks[0]?.digest, `sha256:${hex(content)}`)
  })
}

test('the pieces it comes in do not show', async t => {
  const once = await chunked(tar, tar.length)
  for (const piece of [511, 4096]) t.true((await chunked(tar, piece)).blob.equals(once.blob))
})

test('a change in a file changes the chunks around it only', async t => {
  const changed = Buffer.concat([big.subarray(0, 300_000), Buffer.from('inserted'), big.subarray(300_000)])
  const digests = async (content: Buffer) =>
    (await chunked(layerTar([{ path: 'f', content }]))).toc.entries.map(entry => entry.chunkDigest)
  const before = await digests(big)
  const after = new Set(await digests(changed))
  t.true(before.length > 3)
  t.true(before.filter(digest => !after.has(digest)).length <= 2)
})

test('tar-split gives the tar back', async t => {
  const { split } = await chunked(tar)
  const content = new Map<string, Buffer>(
    files.flatMap(file => ('content' in file ? [[file.path, Buffer.from(file.content)]] : [])),
  )
  const pieces = split
    .trimEnd()
    .split('\n')
    .map((line, at) => {
      const { type, payload, position, name, size = 0 } = JSON.parse(line)
      t.is(position, at)
      if (type === 2) return Buffer.from(payload, 'base64')
      const bytes = size === 0 ? Buffer.alloc(0) : (content.get(name) ?? Buffer.alloc(0))
      const crc = new Crc64()
      crc.update(bytes)
      t.is(payload, size === 0 ? null : crc.digest().toString('base64'))
      return bytes
    })
  t.true(Buffer.concat(pieces).equals(tar))
})

test('the checksum is CRC-64/ISO', t => {
  const crc = new Crc64()
  crc.update(Buffer.from('123456789'))
  t.is(crc.digest().toString('hex'), 'b90956c775a41001')
})

test('what GNU tar writes: long names, times before 1970 and within a second, attributes, ids, devices', async t => {
  const directory = await tempDir(t)
  const root = join(directory, 'root')
  const long = `${'d'.repeat(90)}/${'f'.repeat(90)}`
  await mkdir(join(root, 'd'.repeat(90)), { recursive: true })
  await writeFile(join(root, long), 'long')
  await symlink('x'.repeat(150), join(root, 'far'))
  for (const format of ['gnu', 'pax'] as const) {
    const file = join(directory, `${format}.tar`)
    const options = ['--format', format, '--mtime', '1969-12-31T23:59:58.5Z', '--owner', '3000000', '--sort', 'name']
    await output('tar', [...options, '-C', root, '-cf', file, '.'])
    const { toc } = await chunked(await readFile(file))
    const [entry] = parts(toc.entries, `./${long}`)
    t.like(entry, { type: 'reg', size: 4, uid: 3_000_000 })
    t.is(entry?.modtime, format === 'pax' ? '1969-12-31T23:59:58.5Z' : '1969-12-31T23:59:58Z')
    t.is(parts(toc.entries, './far')[0]?.linkName, 'x'.repeat(150))
  }
})

test('what a table of contents cannot say is refused by name', async t => {
  const directory = await tempDir(t)
  await mkdir(join(directory, 'root'))
  const sparse = join(directory, 'root', 'sparse')
  await writeFile(sparse, 'x')
  await truncate(sparse, 1_000_000)
  await output('tar', [
    '--sparse',
    '--format=pax',
    '-C',
    join(directory, 'root'),
    '-cf',
    join(directory, 'a'),
    'sparse',
  ])
  await t.throwsAsync(chunked(await readFile(join(directory, 'a'))), {
    code: 'COPY_UNSUPPORTED',
    message: /sparse.*sparse file/,
  })
  const odd = Buffer.from(layerTar([{ path: 'odd', content: 'x' }]))
  odd[0] = 0xff
  odd.write('        ', 148)
  odd.write(
    `${odd
      .subarray(0, 512)
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  )
  await t.throwsAsync(chunked(odd), { code: 'COPY_UNSUPPORTED', message: /not UTF-8/ })
  await t.throwsAsync(chunked(tar.subarray(0, 2000)), { code: 'ARCHIVE_INVALID' })
})

test('cuts stay within bounds whatever a file is made of', t => {
  const splitter = new Splitter()
  const size = 9 * 1024 * 1024
  const cuts = [...splitter.push(Buffer.alloc(size, 0)), ...splitter.push(Buffer.alloc(size, 7)), ...splitter.end()]
  let at = 0
  for (const { end } of cuts) {
    t.true(end > at && end - at <= 4 * 1024 * 1024)
    at = end
  }
  t.is(at, 2 * size)
  t.is(cuts.filter(({ kind }) => kind === 'zeros').at(-1)?.end, size)
})

test('a table of contents that tells of other files changes nothing: the layer itself speaks', async t => {
  const directory = await tempDir(t)
  const [honest, lying] = ['honest', 'lying'].map(name => parseImageName(`dir:${join(directory, name)}`))
  if (honest === undefined || lying === undefined) return
  const options = { policy: insecureAcceptAnything, compression: 'zstd:chunked', forceCompression: 'yes' } as const
  const write = (content: string, to: Reference) =>
    copyImage(composeImage({ layers: [[{ path: 'motd', content }]] }), to, options)
  await write('honest', honest)
  await write('lying!', lying)
  const [from, other] = [await readImage(honest), await readImage(lying)]
  const layerOf = ({ layers }: ReadImage) => layers[0]?.digest.slice(7) ?? ''
  const blob = await readFile(join(directory, 'honest', layerOf(from)))
  const foreign = await readFile(join(directory, 'lying', layerOf(other)))
  const at = ({ layers }: ReadImage) => Number(layers[0]?.annotations?.[chunkedKeys.position]?.split(':')[0]) - 8
  // The frames of one tar with the table of contents of another, which is what the manifest promises.
  const mixed = Buffer.concat([blob.subarray(0, at(from)), foreign.subarray(at(other))])
  const manifest = Buffer.from(other.manifest.bytes)
    .toString()
    .replace(`sha256:${layerOf(other)}`, digestOf(mixed))
    .replace(/("mediaType":"[^"]*zstd","digest":"[^"]*","size":)[0-9]+/, `$1${mixed.length}`)
  await writeFile(join(directory, 'lying', digestOf(mixed).slice(7)), mixed)
  await writeFile(join(directory, 'lying', 'manifest.json'), manifest)
  t.is(Buffer.from(await readImageFile(lying, 'motd')).toString(), 'honest')
  const plain = parseImageName(`dir:${join(directory, 'plain')}`)
  await copyImage(lying, plain, { ...options, compression: 'none' })
  const [unpacked] = (await readImage(plain)).layers
  t.is(unpacked?.digest, digestOf(layerTar([{ path: 'motd', content: 'honest' }])))
  t.deepEqual(unpacked?.annotations, undefined)
})
