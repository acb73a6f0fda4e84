import * as fs from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { hostCanary, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { isStorageError, packTree, unpackArchive } from '../../src/index.ts'
import { type EvilEntry, evilTar } from '../support/evil-tar.ts'
import { collect, inPieces } from '../support/layers.ts'
import { treeLines } from '../support/tree.ts'
import { zoo } from '../support/zoo.ts'

/** More than is unpacked without a thread of its own. */
const large: readonly EvilEntry[] = [0, 1, 2].map(number => ({
  name: `large${number}`,
  data: Buffer.alloc(1 << 20, number),
}))

/** A tree as a tar without fractions of seconds tells it. */
const inSeconds = (directory: string): readonly string[] =>
  treeLines(directory).map(line => line.replace(/ (-?\d+)\d{9} /, ' $1 '))

async function target(t: ExecutionContext): Promise<string> {
  const directory = join(await tempDir(t, 'archive'), 'target')
  fs.mkdirSync(directory)
  return directory
}

test('a large archive, compressed or not, comes out as what was packed', async t => {
  const source = await target(t)
  zoo(source)
  fs.writeFileSync(join(source, 'large'), Buffer.alloc(5 << 20, 'x'))
  const whole = await collect(packTree(source, {}))
  for (const tar of [whole, gzipSync(whole)]) {
    const unpacked = await target(t)
    await unpackArchive(unpacked, inPieces(tar, 100_000))
    t.deepEqual(inSeconds(unpacked), inSeconds(source))
  }
})

test('what is unsafe far down in a large archive is refused by its name, and nothing is written outside', async t => {
  const directory = await target(t)
  const canary = await hostCanary(join(directory, '..'))
  const tar = evilTar([...large, { name: '../canary', data: 'evil' }, ...large])
  const error = await t.throwsAsync(unpackArchive(directory, inPieces(tar, 100_000)))
  t.true(isStorageError(error, 'ARCHIVE_UNSAFE') && /canary/.test(`${error.message} ${error.subject}`), String(error))
  t.true(await canary.isUnharmed())
})

test('a directory that a file of a large archive would replace is named by the error', async t => {
  const directory = await target(t)
  fs.mkdirSync(join(directory, 'taken/by'), { recursive: true })
  const tar = evilTar([...large, { name: 'taken', data: 'a file' }])
  const error = await t.throwsAsync(unpackArchive(directory, inPieces(tar, 100_000), { otherKind: 'refuse' }))
  t.true(isStorageError(error, 'ARCHIVE_OTHER_KIND'), String(error))
  t.is((error as { subject?: string }).subject, 'taken')
})

test('a source that fails and a caller that gives up are heard as they are', async t => {
  const lost = new Error('the disk is gone')
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield* inPieces(evilTar(large, 'open'), 100_000)
    throw lost
  }
  t.is(await t.throwsAsync(unpackArchive(await target(t), failing())), lost)
  const given = new AbortController()
  const stopping = async function* (): AsyncGenerator<Uint8Array> {
    yield* inPieces(evilTar(large, 'open'), 100_000)
    given.abort(lost)
    yield* inPieces(evilTar(large), 100_000)
  }
  t.is(await t.throwsAsync(unpackArchive(await target(t), stopping(), { signal: given.signal })), lost)
})

test('files belong to whom the archive says and have its modes, also where a directory gives its group away', async t => {
  const directory = await target(t)
  fs.mkdirSync(join(directory, 'found'))
  fs.chownSync(join(directory, 'found'), 0, 50)
  fs.chmodSync(join(directory, 'found'), 0o2755)
  const names = ['plain', 'found/file', 'found/new/file', 'found/implied/file', 'made/file', 'made/implied/file']
  const tar = evilTar([
    ...large,
    ...['found/new', 'made'].map(name => ({ name, type: '5', mode: 0o755 })),
    ...names.map(name => ({ name, mode: 0o640, data: name })),
    // A link in the place of a directory that the archive made itself.
    { name: 'made', type: '2', link: 'found' },
    { name: 'made/through', mode: 0o640, data: 'through' },
  ])
  await unpackArchive(directory, inPieces(tar, 100_000))
  const kept = names.filter(name => !name.startsWith('made/'))
  for (const name of [...kept, 'found/through']) {
    const { uid, gid, mode } = fs.lstatSync(join(directory, name))
    t.deepEqual([name, uid, gid, mode & 0o7777], [name, 0, 0, 0o640])
  }
})
