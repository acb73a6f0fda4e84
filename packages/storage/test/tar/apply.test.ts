import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { addLayer, collect, inPieces } from '../support/layers.ts'
import { tempStore } from '../support/temp-store.ts'
import { treeLines } from '../support/tree.ts'
import { zoo } from '../support/zoo.ts'

const pax = ['--format=pax', '--xattrs', '--xattrs-include=*']

async function archive(t: Parameters<typeof tempDir>[0], flags: readonly string[]) {
  const directory = await tempDir(t, 'zoo')
  const root = join(directory, 'zoo')
  fs.mkdirSync(root)
  zoo(root)
  const tar = join(directory, 'zoo.tar')
  execFileSync('tar', ['-C', root, ...flags, '-cf', tar, '.'])
  return { directory, root, tar }
}

for (const flags of [pax, ['--format=gnu'], ['--format=gnu', '-b', '40'], ['--format=oldgnu']]) {
  test(`a layer written by tar ${flags.join(' ')} becomes what tar would make, and comes back bit for bit`, async t => {
    const { directory, tar } = await archive(t, flags)
    const reference = join(directory, 'reference')
    fs.mkdirSync(reference)
    execFileSync('tar', ['-C', reference, ...(flags === pax ? pax.slice(1) : []), '-xpf', tar])
    const { store, options } = await tempStore(t)
    const { layer, applied } = await addLayer(store, { path: tar })
    t.deepEqual(treeLines(join(options.graphRoot, 'overlay', layer.id, 'diff')), treeLines(reference))
    const original = fs.readFileSync(tar)
    t.is(String(applied.diffId), `sha256:${createHash('sha256').update(original).digest('hex')}`)
    t.is(applied.diffSize, original.length)
    t.deepEqual(applied.uids, [0, 1000])
    t.deepEqual(applied.gids, [0, 50, 2000])
    t.true((await collect(store.layers.diff(layer.id))).equals(original))
  })
}

const hasProgram = (name: string): boolean => fs.existsSync(`/usr/bin/${name}`) || fs.existsSync(`/bin/${name}`)
const through = (program: string) => (bytes: Buffer) =>
  execFileSync(program, ['-c'], { input: bytes, maxBuffer: 1 << 28 })

const forms: readonly [string, (bytes: Buffer) => Buffer][] = [
  ['gzip', bytes => gzipSync(bytes)],
  ['gzip', bytes => Buffer.concat([gzipSync(bytes.subarray(0, 5000)), gzipSync(bytes.subarray(5000))])],
  ['zstd', bytes => zstdCompressSync(bytes)],
  ['zstd', bytes => Buffer.concat([zstdCompressSync(bytes.subarray(0, 9000)), zstdCompressSync(bytes.subarray(9000))])],
  ['zstd', bytes => Buffer.concat([zstdCompressSync(bytes), skippable(300)])],
  ...(['xz', 'bzip2'] as const)
    .filter(hasProgram)
    .map(name => [name, through(name)] as [string, (bytes: Buffer) => Buffer]),
]

/** A frame that readers must pass over (RFC 8878, 3.1.2); zstd:chunked ends so. */
function skippable(length: number): Buffer {
  const frame = Buffer.alloc(8 + length, 1)
  frame.writeUInt32LE(0x184d2a50, 0)
  frame.writeUInt32LE(length, 4)
  return frame
}

for (const [index, [compression, compress]] of forms.entries()) {
  for (const way of ['file', 'stream'] as const) {
    test(`a ${compression} layer (${index}) from a ${way}: both digests are right`, async t => {
      const { directory, tar } = await archive(t, pax)
      const original = fs.readFileSync(tar)
      const blob = compress(original)
      fs.writeFileSync(join(directory, 'blob'), Buffer.concat([Buffer.from('before'), blob, Buffer.from('after')]))
      const range = { path: join(directory, 'blob'), offset: 6, length: blob.length }
      const { store } = await tempStore(t)
      const { applied } = await addLayer(store, way === 'file' ? range : inPieces(blob))
      const sha = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
      t.like(applied, { compression, diffId: sha(original), compressedDigest: sha(blob), compressedSize: blob.length })
    })
  }
}

for (const [name, flags] of [
  ['old GNU', ['--format=gnu']],
  ['PAX 0.0', ['--format=pax', '--sparse-version=0.0']],
  ['PAX 0.1', ['--format=pax', '--sparse-version=0.1']],
  ['PAX 1.0', ['--format=pax', '--sparse-version=1.0']],
] as const) {
  test(`sparse files in the ${name} format get their holes back, and the tar its bytes`, async t => {
    const directory = await tempDir(t, 'sparse')
    const root = join(directory, 'root')
    fs.mkdirSync(root)
    const fd = fs.openSync(join(root, 'holes'), 'w')
    for (let at = 0; at < 30; at++) fs.writeSync(fd, `piece ${at}`, at * 1_000_000)
    fs.ftruncateSync(fd, 9_000_000_000)
    fs.closeSync(fd)
    fs.writeFileSync(join(root, 'plain'), 'x')
    const tar = join(directory, 'sparse.tar')
    execFileSync('tar', ['-C', root, '-S', ...flags, '-cf', tar, '.'])
    const { store, options } = await tempStore(t)
    const { layer } = await addLayer(store, { path: tar })
    const made = join(options.graphRoot, 'overlay', layer.id, 'diff/holes')
    const stat = fs.statSync(made)
    t.is(stat.size, 9_000_000_000)
    t.true(stat.blocks * 512 < 1_000_000)
    const read = fs.openSync(made, 'r')
    const piece = Buffer.alloc(8)
    fs.readSync(read, piece, 0, 8, 29_000_000)
    fs.closeSync(read)
    t.is(piece.toString(), 'piece 29')
    t.true((await collect(store.layers.diff(layer.id))).equals(fs.readFileSync(tar)))
  })
}

test('aborting ends at once, leaves nothing, and the next layer goes through', async t => {
  const { tar } = await archive(t, pax)
  const { store, options } = await tempStore(t)
  const stop = new AbortController()
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield fs.readFileSync(tar).subarray(0, 5000)
    stop.abort(new Error('enough'))
    await new Promise(() => {})
  }
  {
    await using staged = await store.layers.stage()
    await t.throwsAsync(staged.apply(endless(), { signal: stop.signal }), { message: 'enough' })
  }
  t.deepEqual(fs.readdirSync(join(options.graphRoot, 'overlay/tempdirs')), [])
  t.is((await store.layers.list()).length, 0)
  t.is((await addLayer(store, { path: tar })).layer.parent, undefined)
})

test('a source that fails says so with its own error', async t => {
  const { store } = await tempStore(t)
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(100)
    throw new Error('the line was cut')
  }
  await using staged = await store.layers.stage()
  await t.throwsAsync(staged.apply(failing()), { message: 'the line was cut' })
})
