import * as fs from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { chainId, parseDigest } from '../../src/index.ts'
import { randomId } from '../../src/random-id.ts'
import { bigDataFile } from '../../src/records/big-data-name.ts'
import { checkId, lookup } from '../../src/records/id.ts'
import { isSettled } from '../../src/records/record-file.ts'
import { tempStore } from '../support/temp-store.ts'

const digest = (character: string) => parseDigest(`sha256:${character.repeat(64)}`)

test('layer ids chain with a plus between parent and hex', t => {
  const first = chainId(undefined, digest('a'))
  t.is(first, 'a'.repeat(64))
  t.is(chainId(first, digest('b')), '76f79efda453922cda1cecb6ec9e7cf9d86ea968c6dd199d4030dd00078a1686')
  t.not(chainId(first, digest('b')), chainId(undefined, digest('b')))
})

test('big data keys become file names as everybody spells them', t => {
  t.is(bigDataFile('manifest'), 'manifest')
  t.is(bigDataFile('buildah.json'), 'buildah.json')
  t.is(bigDataFile('sha256:ab'), `=${Buffer.from('sha256:ab').toString('base64')}`)
  t.is(bigDataFile('abc-'), 'abc-')
  t.is(bigDataFile('a-b'), '=YS1i')
  for (const bad of ['', '.', '..', '/', 'ab?\u00ff?\u00ff', 'x'.repeat(300)]) {
    t.throws(() => bigDataFile(bad), { code: 'ID_INVALID' }, bad)
  }
})

test('ids are 64 hex digits that no one takes for a number, and safe as names', t => {
  for (let n = 0; n < 200; n++) t.regex(randomId(), /^(?![0-9]{12})[0-9a-f]{64}$/)
  for (const bad of ['', '..', 'a/b', '../x', '.hidden', 'x\0']) t.throws(() => checkId(bad), { code: 'ID_INVALID' })
})

test('lookup: exact id, then name, then the only id that begins so', t => {
  const records = [{ id: 'abc1', names: ['abd2'] }, { id: 'abd2' }, { id: 'xyz' }]
  t.is(lookup(records, 'abd2')?.id, 'abd2')
  t.is(lookup(records, 'x')?.id, 'xyz')
  t.throws(() => lookup(records, 'ab'), { code: 'AMBIGUOUS_ID' })
  t.is(lookup(records, ''), undefined)
})

test('fields that we do not know and the order of records survive a change', async t => {
  const { store, options } = await tempStore(t)
  const directory = join(options.graphRoot, 'overlay-images')
  fs.mkdirSync(directory, { recursive: true })
  const records = [
    { id: '1'.repeat(64), created: '0001-01-01T00:00:00Z', names: ['localhost/a:1'], future: { x: [1] } },
    { id: '2'.repeat(64), created: '2026-11-23T12:44:29.211059887Z', flags: { odd: true }, metadata: '<&>' },
  ]
  fs.writeFileSync(join(directory, 'images.json'), JSON.stringify(records))
  await store.images.addNames('2'.repeat(64), ['localhost/b:1'])
  const written = JSON.parse(fs.readFileSync(join(directory, 'images.json'), 'utf8'))
  t.deepEqual(written[0], records[0])
  t.deepEqual(written[1], { ...records[1], names: ['localhost/b:1'], 'names-history': ['localhost/b:1'] })
})

test('names move to who gets them last; history keeps what was', async t => {
  const { store } = await tempStore(t)
  const a = await store.images.create({ names: ['localhost/x:1'] })
  const b = await store.images.create({})
  await t.throwsAsync(store.images.create({ names: ['localhost/x:1'] }), { code: 'NAME_IN_USE' })
  await t.throwsAsync(store.images.create({ id: a.id }), { code: 'ID_IN_USE' })
  await store.images.addNames(b.id, ['localhost/x:1', 'localhost/y:1'])
  t.deepEqual((await store.images.get(a.id))?.names, [])
  t.deepEqual((await store.images.get(a.id))?.namesHistory, ['localhost/x:1'])
  t.is((await store.images.get('localhost/x:1'))?.id, b.id)
  await store.images.removeNames(b.id, ['localhost/x:1'])
  t.deepEqual((await store.images.get(b.id))?.names, ['localhost/y:1'])
  t.deepEqual((await store.images.get(b.id))?.namesHistory, ['localhost/y:1', 'localhost/x:1'])
})

test('names and keys that are JavaScript’s own are only data', async t => {
  const { store } = await tempStore(t)
  const data = Buffer.from('x')
  const image = await store.images.create({
    names: ['__proto__', 'constructor'],
    bigData: [{ key: '__proto__', data }],
  })
  t.deepEqual(await store.images.bigData(image.id, '__proto__'), data)
  t.is((await store.images.get('__proto__'))?.id, image.id)
  t.is(({} as Record<string, unknown>).size, undefined)
})

test('big data is written, replaced, measured, and its manifest names the image', async t => {
  const { store } = await tempStore(t)
  const image = await store.images.create({})
  await store.images.setBigData(image.id, { key: 'manifest', data: Buffer.from('one') })
  const first = await store.images.get(image.id)
  await store.images.setBigData(image.id, { key: 'manifest', data: Buffer.from('second') })
  const second = await store.images.get(image.id)
  t.is(second?.bigDataSizes.manifest, 6)
  t.deepEqual(second?.bigDataNames, ['manifest'])
  t.not(first?.bigDataDigests.manifest, second?.bigDataDigests.manifest)
  t.deepEqual(await store.images.byDigest(second?.bigDataDigests.manifest ?? digest('0')), second ? [second] : [])
  await t.throwsAsync(store.images.bigData(image.id, 'absent'), { code: 'BIG_DATA_UNKNOWN' })
  await t.throwsAsync(store.images.bigData('absent', 'x'), { code: 'IMAGE_UNKNOWN' })
  t.is(await store.images.size(image.id), 6)
})

test('atomic files are private, and nothing temporary is left', async t => {
  const { writeAtomically } = await import('../../src/records/atomic-write.ts')
  const directory = await tempDir(t, 'atomic')
  writeAtomically(join(directory, 'x'), 'one')
  writeAtomically(join(directory, 'x'), 'two', 'volatile')
  t.is(fs.readFileSync(join(directory, 'x'), 'utf8'), 'two')
  t.is(fs.statSync(join(directory, 'x')).mode & 0o777, 0o600)
  t.deepEqual(fs.readdirSync(directory), ['x'])
})

test('what is known of a file that has only just changed is not kept: its times do not tell it from the next one', t => {
  const now = 1_700_000_000_000
  const at = (ms: number): bigint => BigInt(ms) * 1_000_000n
  t.false(isSettled(at(now), now))
  t.false(isSettled(at(now) - 999_999n, now))
  // The coarsest clock of files ticks every 10 ms.
  t.false(isSettled(at(now - 10), now))
  t.true(isSettled(at(now - 1000), now))
  // A clock that was set back.
  t.false(isSettled(at(now + 3_600_000), now))
})
