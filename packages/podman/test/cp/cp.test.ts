import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { pack } from 'tar-stream'
import { packTree, renameEntries } from '../../src/cp/pack.ts'
import { landed, landing, parsePlace } from '../../src/cp/place.ts'
import { tarFromInput } from '../../src/cp/stdin.ts'
import { unpackTree } from '../../src/cp/unpack.ts'

test('places are containers, host paths or streams', t => {
  t.deepEqual(parsePlace('ctr:/a:b'), { kind: 'container', container: 'ctr', path: '/a:b' })
  t.deepEqual(parsePlace('./a:b'), { kind: 'host', path: './a:b' })
  t.deepEqual(parsePlace('/a:b'), { kind: 'host', path: '/a:b' })
  t.deepEqual(parsePlace('-'), { kind: 'stream' })
})

test('landing follows cp', t => {
  const file = { path: '/etc/hosts', name: 'hosts', isDirectory: false }
  const folder = { path: '/etc', name: 'etc', isDirectory: true }
  const at = (path: string, standing: 'directory' | 'file' | 'other' | 'nothing') => ({
    path,
    standing,
    missing: 'missing',
  })
  t.deepEqual(landing({ source: file, destination: at('/tmp', 'directory') }), { directory: '/tmp', name: 'hosts' })
  t.deepEqual(landing({ source: file, destination: at('/tmp/x', 'nothing') }), { directory: '/tmp', name: 'x' })
  t.deepEqual(landing({ source: file, destination: at('/x', 'file') }), { directory: '/', name: 'x' })
  t.deepEqual(landing({ source: folder, destination: at('/tmp', 'directory') }), { directory: '/tmp', name: 'etc' })
  t.deepEqual(landing({ source: { ...folder, path: '/etc/.' }, destination: at('/tmp', 'directory') }), {
    directory: '/tmp',
    name: '',
  })
  t.deepEqual(landing({ source: folder, destination: at('new', 'nothing') }), { directory: '.', name: 'new' })
  t.throws(() => landing({ source: folder, destination: at('/x', 'file') }), {
    message: /must be a directory when copying a directory/,
  })
  t.throws(() => landing({ source: file, destination: at('/x/', 'nothing') }), { message: 'missing' })
  t.throws(() => landing({ source: file, destination: at('/dev/null', 'other') }), {
    message: /must be a directory or a regular file/,
  })
  t.is(landed('etc/a/b', 'x'), 'x/a/b')
  t.is(landed('etc/', ''), '')
})

test('a tree survives packing and unpacking: modes, times, links, large files', async t => {
  const base = await tempDir(t, 'cp')
  const [from, to] = [join(base, 'from'), join(base, 'to')]
  mkdirSync(join(from, 'sub'), { recursive: true })
  mkdirSync(to)
  writeFileSync(join(from, 'small'), 'hello', { mode: 0o751 })
  writeFileSync(join(from, 'sub/large'), Buffer.alloc(3_000_000, 7))
  linkSync(join(from, 'small'), join(from, 'twin'))
  symlinkSync('../small', join(from, 'sub/link'))
  await unpackTree(packTree(from, 'copy'), to, { rename: name => name, otherKind: 'refuse' })
  t.deepEqual(readdirSync(join(to, 'copy')).sort(), ['small', 'sub', 'twin'])
  t.is(statSync(join(to, 'copy/small')).mode & 0o777, 0o751)
  t.is(statSync(join(to, 'copy/small')).ino, statSync(join(to, 'copy/twin')).ino)
  t.is(statSync(join(to, 'copy/small')).mtimeMs, Math.floor(statSync(join(from, 'small')).mtimeMs / 1000) * 1000)
  t.is(readlinkSync(join(to, 'copy/sub/link')), '../small')
  t.deepEqual(readFileSync(join(to, 'copy/sub/large')), readFileSync(join(from, 'sub/large')))
})

test('renaming moves contents straight into a directory', async t => {
  const base = await tempDir(t, 'cp')
  mkdirSync(join(base, 'from'))
  mkdirSync(join(base, 'to'))
  writeFileSync(join(base, 'from/a'), 'x')
  const renamed = renameEntries(packTree(join(base, 'from'), 'from'), name => landed(name, ''))
  await unpackTree(renamed, join(base, 'to'), { rename: name => name, otherKind: 'refuse' })
  t.deepEqual(readdirSync(join(base, 'to')), ['a'])
})

test('a hostile tar stays inside: no dot-dot, no way through links it brought', async t => {
  const base = await tempDir(t, 'cp')
  const to = join(base, 'to')
  mkdirSync(to)
  mkdirSync(join(base, 'victim'))
  const attack = (...entries: readonly Parameters<ReturnType<typeof pack>['entry']>[0][]) => {
    const tar = pack()
    for (const entry of entries) tar.entry(entry, 'evil')
    tar.finalize()
    return unpackTree(tar, to, { rename: name => name, otherKind: 'refuse' })
  }
  await t.throwsAsync(attack({ name: '../victim/a' }), { message: /leaves the destination/ })
  const tar = pack()
  tar.entry({ name: 'door', type: 'symlink', linkname: join(base, 'victim') })
  tar.entry({ name: 'door/a' }, 'evil')
  tar.finalize()
  await t.throwsAsync(unpackTree(tar, to, { rename: name => name, otherKind: 'refuse' }), { message: /file exists/ })
  t.deepEqual(readdirSync(join(base, 'victim')), [])
  symlinkSync(join(base, 'victim/target'), join(to, 'file'))
  await attack({ name: 'file' })
  t.false(lstatSync(join(to, 'file')).isSymbolicLink())
  t.deepEqual(readdirSync(join(base, 'victim')), [])
})

test('kinds change only when asked', async t => {
  const base = await tempDir(t, 'cp')
  mkdirSync(join(base, 'to/x'), { recursive: true })
  writeFileSync(join(base, 'x'), 'file')
  const go = (otherKind: 'refuse' | 'replace') =>
    unpackTree(packTree(join(base, 'x'), 'x'), join(base, 'to'), { rename: name => name, otherKind })
  await t.throwsAsync(go('refuse'), { message: /file exists/ })
  await go('replace')
  t.is(readFileSync(join(base, 'to/x'), 'utf8'), 'file')
})

test('standard input must be a tar, compressed or not', async t => {
  const base = await tempDir(t, 'cp')
  writeFileSync(join(base, 'x'), 'file')
  const bytes = Buffer.concat(await Array.fromAsync(packTree(join(base, 'x'), 'x')))
  async function* once(buffer: Buffer) {
    yield buffer.subarray(0, 10)
    yield buffer.subarray(10)
  }
  for (const input of [bytes, gzipSync(bytes)])
    t.deepEqual(Buffer.concat(await Array.fromAsync(await tarFromInput(once(input)))), bytes)
  await t.throwsAsync(tarFromInput(once(Buffer.from('not a tar at all'))), {
    message: /must be a \(compressed\) tar archive/,
  })
})
