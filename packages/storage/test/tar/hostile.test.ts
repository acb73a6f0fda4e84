import { execFile } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { hostCanary, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { isStorageError } from '../../src/index.ts'
import { type EvilEntry, entryBytes, evilTar } from '../support/evil-tar.ts'
import { addLayer, collect, inPieces } from '../support/layers.ts'
import { tempStore } from '../support/temp-store.ts'

/** Applies what must be refused: nothing outside changes, nothing is registered, the error names the entry. */
async function refused(t: ExecutionContext, bytes: Buffer, codes: readonly string[], named?: string): Promise<void> {
  const { store, directory, options } = await tempStore(t)
  const outside = join(directory, 'outside')
  fs.mkdirSync(outside)
  const canary = await hostCanary(outside)
  const error = await t.throwsAsync(addLayer(store, inPieces(bytes)))
  t.true(isStorageError(error) && codes.includes(error.code), `${error}`)
  if (named) t.true(error?.message.includes(named), error?.message)
  t.true(await canary.isUnharmed())
  t.deepEqual(fs.readdirSync(outside), ['canary'])
  t.deepEqual(await store.layers.list(), [])
  t.deepEqual(fs.readdirSync(join(options.graphRoot, 'overlay/tempdirs')), [])
}

const link = (name: string, target: string): EvilEntry => ({ name, type: '2', link: target })
const hard = (name: string, target: string | Buffer): EvilEntry => ({ name, type: '1', link: target })
const file = (name: string | Buffer): EvilEntry => ({ name, data: 'evil' })

const links: readonly [string, readonly EvilEntry[], string][] = [
  ['through an absolute link', [link('a', '/etc'), file('a/evil')], 'a/evil'],
  ['through a chain of links', [link('a', 'b'), link('b', '/tmp'), file('a/d/evil')], 'a/d/evil'],
  ['through a loop of links', [link('a', 'b'), link('b', 'a'), file('a/evil')], 'a/evil'],
  ['a hard link out by dots', [hard('x', '../../../../../etc/passwd')], 'x'],
  ['a hard link to an absolute file of the host', [hard('x', '/etc/passwd')], 'x'],
  ['a hard link through a link', [link('a', '/etc'), hard('x', 'a/passwd')], 'x'],
  ['a hard link to nothing', [hard('x', '')], 'x'],
  ['a hard link to the root', [hard('x', './')], 'x'],
  ['a hard link to a drive', [hard('x', 'C:../y')], 'x'],
  ['a hard link to a lower layer only', [hard('x', 'y//')], 'x'],
  ['an empty symlink', [link('x', '')], 'x'],
  ['a file through a file', [file('f'), file('f/g')], 'f/g'],
]

for (const [what, entries, named] of links) {
  test(`refused: ${what}`, t => refused(t, evilTar(entries), ['ARCHIVE_UNSAFE_LINK', 'ARCHIVE_UNSAFE'], named))
}

for (const name of ['../evil', 'a/../../evil', './../evil', '/../evil', 'a/b/../../../evil']) {
  test(`refused: the name ${name}`, t => refused(t, evilTar([file(name)]), ['ARCHIVE_UNSAFE'], 'evil'))
}

test('refused: a NUL within a PAX name', t =>
  refused(t, evilTar([{ name: 'x', data: 'y', pax: { path: 'a\0../../b' } }]), ['ARCHIVE_UNSAFE']))

test('refused: a root that is no directory', t => refused(t, evilTar([link('./', '/etc')]), ['ARCHIVE_UNSAFE']))

test('refused: one name twice, also under two spellings', async t => {
  await refused(t, evilTar([file('x'), file('./x')]), ['ARCHIVE_DUPLICATE'], 'x')
  await refused(t, evilTar([file('d/x'), file('d//x')]), ['ARCHIVE_DUPLICATE'], 'x')
})

test('a file replaced by a link and then written through changes nothing outside', async t => {
  await refused(t, evilTar([{ name: 'd', type: '5' }, link('d', '/etc'), file('d/evil')]), ['ARCHIVE_DUPLICATE'], 'd')
})

test('a link stays in the layer when it leads to a directory of the layer', async t => {
  const { store, options } = await tempStore(t)
  const entries: EvilEntry[] = [{ name: 'usr/lib/', type: '5', mode: 0o755 }, link('lib', '/usr/lib'), file('lib/x')]
  const { layer } = await addLayer(store, inPieces(evilTar(entries)))
  t.is(fs.readFileSync(join(options.graphRoot, 'overlay', layer.id, 'diff/usr/lib/x'), 'utf8'), 'evil')
})

test('a link of the layer below is not followed by the layer above', async t => {
  const { store, directory } = await tempStore(t)
  const canary = await hostCanary(directory)
  const lower = await addLayer(store, inPieces(evilTar([link('a', directory)])))
  const upper = await addLayer(store, inPieces(evilTar([file('a/canary')])), lower.layer.id)
  t.true(await canary.isUnharmed())
  const merged = await store.layers.mount(upper.layer.id, { access: 'read-only' })
  t.is(fs.readFileSync(join(merged, 'a/canary'), 'utf8'), 'evil')
  await store.layers.unmount(upper.layer.id)
})

test('with vfs too, a directory takes the place of the lower layer’s link', async t => {
  const { store, directory } = await tempStore(t, { driver: 'vfs' })
  const canary = await hostCanary(directory)
  const lower = await addLayer(store, inPieces(evilTar([link('a', directory)])))
  const upper = await addLayer(store, inPieces(evilTar([file('a/canary')])), lower.layer.id)
  t.true(await canary.isUnharmed())
  t.is(fs.readFileSync(join(await store.layers.mount(upper.layer.id), 'a/canary'), 'utf8'), 'evil')
})

test('names that only differ by case or Unicode form stay apart', async t => {
  const { store, options } = await tempStore(t)
  const names = ['ß', 'ss', 'SS', 'é', 'e\u0301', 'File', 'file']
  const bytes = [Buffer.from([0xff]), Buffer.from([0xfe])]
  const tar = evilTar([...names, ...bytes].map(name => ({ name, data: Buffer.from(name) })))
  const { layer } = await addLayer(store, inPieces(tar))
  const made = fs.readdirSync(join(options.graphRoot, 'overlay', layer.id, 'diff'), { encoding: 'buffer' })
  t.is(made.length, 9)
  t.true((await collect(store.layers.diff(layer.id))).equals(tar))
})

test('broken archives are refused, not guessed at', async t => {
  const whole = evilTar([{ name: 'file', data: 'x'.repeat(2000) }])
  for (const length of [1, 511, 513, 1500, 2559]) await refused(t, whole.subarray(0, length), ['ARCHIVE_INVALID'])
  await refused(t, evilTar([{ name: 'x', checksum: 1 }]), ['ARCHIVE_INVALID'])
  await refused(t, evilTar([{ name: 'x', type: 'Z' }]), ['ARCHIVE_INVALID'], 'x')
  await refused(t, evilTar([{ name: 'x', pax: { uid: '4294967296' } }]), ['ARCHIVE_INVALID'], 'x')
  await refused(t, evilTar([{ name: 'x', pax: { size: '9e15' } }]), ['ARCHIVE_INVALID'])
  await refused(t, Buffer.concat([Buffer.alloc(512), evilTar([file('x')])]), ['ARCHIVE_INVALID'])
  await refused(t, gzipSync(whole).subarray(0, 60), ['ARCHIVE_INVALID'])
  await refused(t, Buffer.from('1f8b0800deadbeef00000000', 'hex'), ['ARCHIVE_INVALID'])
})

test('headers that ask for memory are refused before it is taken', async t => {
  for (const type of ['x', 'L', 'K']) {
    const head = entryBytes({ name: 'huge', type, size: 1 << 30 })
    await refused(t, Buffer.concat([head, Buffer.alloc(4096, 'a')]), ['ARCHIVE_LIMIT'])
  }
  await refused(t, evilTar([{ name: 'x', pax: { path: 'd/'.repeat(5000) } }]), ['ARCHIVE_LIMIT'])
})

test('attributes that speak to overlayfs are not the archive’s to set', async t => {
  const { lgetxattr } = await import('@libpod/syscall')
  const { store, options } = await tempStore(t)
  const pax = { 'SCHILY.xattr.trusted.overlay.redirect': '/etc', 'SCHILY.xattr.user.fine': 'yes' }
  const { layer } = await addLayer(store, inPieces(evilTar([{ name: 'd', type: '5', pax }])))
  const path = join(options.graphRoot, 'overlay', layer.id, 'diff/d')
  t.is(lgetxattr(path, 'trusted.overlay.redirect'), undefined)
  t.is(lgetxattr(path, 'user.fine')?.toString(), 'yes')
})

test('while one layer never ends, everybody else goes on', async t => {
  const { store } = await tempStore(t)
  const stop = new AbortController()
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield entryBytes({ name: 'slow', size: 1 << 30 })
    await new Promise(() => {})
  }
  await using staged = await store.layers.stage()
  const never = t.throwsAsync(staged.apply(slow(), { signal: stop.signal }))
  const { layer } = await addLayer(store, inPieces(evilTar([file('quick')])))
  const container = await store.containers.create({ layer: layer.id })
  await store.containers.remove(container.id)
  stop.abort()
  await never
})

test('a link that climbs ends at the layer’s root', async t => {
  const { store, options } = await tempStore(t)
  const tar = evilTar([link('a', '../../../../..'), file('a/tmp-of-evil/x')])
  const { layer } = await addLayer(store, inPieces(tar))
  t.false(fs.existsSync('/tmp-of-evil'))
  t.true(fs.existsSync(join(options.graphRoot, 'overlay', layer.id, 'diff/tmp-of-evil/x')))
  t.true((await collect(store.layers.diff(layer.id))).equals(tar))
})

test('half a gigabyte of zeros and fifty thousand entries take little memory', async t => {
  const directory = await tempDir(t, 'memory')
  const script = join(import.meta.dirname, '../support/apply-much.ts')
  const flags = ['--conditions=development', '--disable-warning=ExperimentalWarning']
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, script, directory])
  // Usually 135; a busy machine collects garbage late. Who kept the bytes would have over 600.
  t.true(Number(stdout) > 20 && Number(stdout) < 400, `${stdout} MiB`)
})
