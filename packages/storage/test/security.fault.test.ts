import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { hostCanary, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { emptyTree, isStorageError, packTree, removeTree, unpackArchive } from '../src/index.ts'
import { type EvilEntry, entryBytes, evilTar } from './support/evil-tar.ts'
import { sha256 } from './support/image.ts'
import { addLayer, collect, inPieces } from './support/layers.ts'
import { tempStore } from './support/temp-store.ts'

const link = (name: string, target: string): EvilEntry => ({ name, type: '2', link: target })
const file = (name: string): EvilEntry => ({ name, data: 'evil' })

test('a directory whose name begins like the target’s is outside (CVE-2025-48387)', async t => {
  const directory = await tempDir(t, 'prefix')
  const [target, sibling] = [join(directory, 'dest'), join(directory, 'dest-evil')]
  for (const path of [target, sibling]) fs.mkdirSync(path)
  const canary = await hostCanary(sibling)
  for (const entries of [
    [link('a', '../dest-evil'), file('a/canary')],
    [link('a', sibling), file('a/canary')],
    [{ name: 'h', type: '1', link: '../dest-evil/canary' }, file('h')],
    [file('../dest-evil/canary')],
  ]) {
    await unpackArchive(target, inPieces(evilTar(entries))).catch(error => t.true(isStorageError(error), String(error)))
    t.true(await canary.isUnharmed())
    t.deepEqual(fs.readdirSync(sibling), ['canary'])
    emptyTree(target)
  }
})

test('what a first archive plants, a second one does not write through (CVE-2025-45582)', async t => {
  const directory = await tempDir(t, 'twice')
  const target = join(directory, 'dest')
  fs.mkdirSync(target)
  const canary = await hostCanary(directory)
  await unpackArchive(target, inPieces(evilTar([link('up', '..'), link('out', directory)])))
  for (const name of ['up/canary', 'out/canary'])
    await unpackArchive(target, inPieces(evilTar([file(name)]))).catch(error =>
      t.true(isStorageError(error), String(error)),
    )
  t.true(await canary.isUnharmed())
})

test('compression that ends early, never ends or lies is refused, and nobody else waits (CVE-2021-20291)', async t => {
  const { store } = await tempStore(t)
  const whole = evilTar([{ name: 'file', data: Buffer.alloc(300_000, 'x') }])
  for (const packed of [gzipSync(whole), zstdCompressSync(whole)]) {
    for (const cut of [packed.subarray(0, -5), packed.subarray(0, packed.length >> 1)]) {
      const error = await t.throwsAsync(addLayer(store, inPieces(cut)))
      t.true(isStorageError(error, 'ARCHIVE_INVALID'), String(error))
    }
  }
  const stop = new AbortController()
  async function* never(): AsyncGenerator<Uint8Array> {
    yield gzipSync(whole).subarray(0, 100)
    await new Promise(() => {})
  }
  await using staged = await store.layers.stage()
  const hangs = t.throwsAsync(staged.apply(never(), { signal: stop.signal }))
  t.deepEqual(await store.images.list(), [])
  const image = await store.images.create({ names: ['localhost/quick:1'] })
  await store.images.remove(image.id)
  stop.abort()
  await hangs
  t.deepEqual(await store.layers.list(), [])
})

test('two files claim one layer: its DiffID is of what was unpacked, whatever a table of contents says', async t => {
  const { store } = await tempStore(t)
  const honest = evilTar([{ name: 'bin/tool', data: 'honest' }])
  const evil = evilTar([{ name: 'bin/tool', data: 'evil' }])
  // zstd:chunked keeps its table in a frame that readers pass over; what it tells of is not what the stream holds.
  const table = Buffer.from(JSON.stringify({ version: 1, entries: [{ name: 'bin/tool', digest: sha256(honest) }] }))
  const frame = Buffer.alloc(8)
  frame.writeUInt32LE(0x184d2a50, 0)
  frame.writeUInt32LE(table.length, 4)
  const { layer, applied } = await addLayer(store, inPieces(Buffer.concat([zstdCompressSync(evil), frame, table])))
  t.is(applied.diffId, sha256(evil))
  t.deepEqual(await store.layers.byDiffId(sha256(honest)), [])
  t.true((await collect(store.layers.diff(layer.id))).equals(evil))
})

test('one id for two contents is refused (a claimed DiffID does not poison what others reuse)', async t => {
  const { store } = await tempStore(t)
  const { layer } = await addLayer(store, inPieces(evilTar([{ name: 'a', data: 'first' }])))
  await using staged = await store.layers.stage()
  await staged.apply(inPieces(evilTar([{ name: 'a', data: 'second' }])))
  await t.throwsAsync(staged.commit({ id: layer.id }), { code: 'ID_IN_USE' })
})

test('an archive of more entries than a layer may have is refused while it is read', async t => {
  const { Unpacker } = await import('../src/tar/unpack.ts')
  const { TarReader } = await import('../src/tar/reader.ts')
  const directory = await tempDir(t, 'many')
  using unpacker = new Unpacker(directory, {
    opaqueAttribute: 'trusted.overlay.opaque',
    rootEntry: 'ignore',
    userNamespace: 'no',
    chownErrors: 'report',
    whiteouts: 'layer',
    existing: 'refuse',
    mostEntries: 1000,
    mostBytes: 1 << 20,
  })
  const reader = new TarReader({
    structure: () => {},
    entry: entry => unpacker.begin(entry),
    data: () => {},
    entryEnd: entry => unpacker.finish(entry),
  })
  const many = evilTar(Array.from({ length: 5000 }, (_, n) => ({ name: `f${n}` })))
  t.throws(() => reader.push(many), { code: 'ARCHIVE_LIMIT' })
  t.is(fs.readdirSync(directory).length, 1000)
  t.throws(() => reader.push(entryBytes({ name: 'big', size: 1 << 30 })))
})

/** Swaps a directory and a link to somewhere outside for one another, as fast as it can. */
const racer = `import os, sys
base, outside = sys.argv[1:]
print('up', flush=True)
while True:
    try:
        os.rename(base + '/d', base + '/was'); os.symlink(outside, base + '/d')
        os.unlink(base + '/d'); os.rename(base + '/was', base + '/d')
    except OSError: pass
`

test('while a directory is swapped for a link, nothing outside is removed or read', async t => {
  const directory = await tempDir(t, 'race')
  const [base, outside] = [join(directory, 'base'), join(directory, 'outside')]
  fs.mkdirSync(outside)
  const canary = await hostCanary(outside)
  fs.mkdirSync(base)
  const child = spawn('python3', ['-c', racer, base, outside], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => void child.kill('SIGKILL'))
  await new Promise(resolve => child.stdout.once('data', resolve))
  for (let round = 0; round < 300; round++) {
    await tolerate(() => fs.mkdirSync(join(base, 'd/deep'), { recursive: true }))
    await tolerate(() => fs.writeFileSync(join(base, 'd/deep/file'), 'mine'))
    await tolerate(async () => {
      const packed = Buffer.concat(await Array.fromAsync(packTree(base)))
      t.false(packed.includes('alive'))
    })
    await tolerate(() => removeTree(join(base, 'd')))
    t.true(await canary.isUnharmed())
  }
})

/** The other one may take things away at any moment. */
async function tolerate(work: () => unknown): Promise<void> {
  try {
    await work()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (!['ENOENT', 'ENOTEMPTY', 'ENOTDIR', 'EEXIST', 'ELOOP', 'IO'].includes(code)) throw error
  }
}
