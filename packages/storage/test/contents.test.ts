import { createHash } from 'node:crypto'
import { rmSync, statSync } from 'node:fs'
import { chmod, chown, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { chainId, checkStore, parseDigest, type Store } from '../src/index.ts'
import { roomOf } from '../src/store.ts'
import { tempStore } from './support/temp-store.ts'

const digest = (text: string) => parseDigest(`sha256:${createHash('sha256').update(text).digest('hex')}`)

/** A layer of these files, with a table of contents that says of them what it is told to. */
async function layerWith(t: ExecutionContext, store: Store, entries: unknown, text = JSON.stringify({ entries })) {
  const directory = await tempDir(t, 'layer')
  await writeFile(join(directory, 'file'), 'first second')
  await symlink('/etc/hostname', join(directory, 'link'))
  const tar = `${await tempDir(t, 'tar')}/layer.tar`
  await output('tar', ['-C', directory, '-cf', tar, 'file', 'link'])
  await using staged = await store.layers.stage()
  const { size } = statSync(tar)
  const { diffId } = await staged.apply({ path: tar, offset: 0, length: size })
  const toc = { digest: digest('table'), data: Buffer.from(text) }
  return await staged.commit({ id: chainId(undefined, diffId), toc })
}

const file = { type: 'reg', name: 'file', size: 12, digest: digest('first second') }
const second = { type: 'chunk', name: 'file', chunkOffset: 6, chunkSize: 6, chunkDigest: digest('second') }

for (const driver of ['overlay', 'vfs'] as const) {
  test(`files and chunks are found by their digests: ${driver}`, async t => {
    const { store } = await tempStore(t, { driver })
    const layer = await layerWith(t, store, [file, second])
    t.is(layer.tocDigest, digest('table'))
    const wanted = new Set([file.digest, second.chunkDigest, digest('unknown')])
    using found = await store.layers.contents(wanted)
    t.deepEqual(
      [...wanted].map(each => found.has(each)),
      [true, true, false],
    )
    t.is(Buffer.from(found.read(file.digest, 6, 6) ?? '').toString(), 'second')
    t.is(Buffer.from(found.read(second.chunkDigest, 0, 6) ?? '').toString(), 'second')
    t.is(found.read(second.chunkDigest, 1, 6), undefined)
    t.is(found.read(digest('unknown'), 0, 1), undefined)
    t.deepEqual(await checkStore(store), [])
    await store.layers.remove(layer.id)
    using none = await store.layers.contents(wanted)
    t.false(none.has(file.digest))
    t.deepEqual(await checkStore(store), [])
  })
}

test('a table of contents leads nowhere but into its layer', async t => {
  const { store } = await tempStore(t)
  const names = ['link', '../../../../../../../etc/hostname', '/etc/hostname', 'link/x', '.', 'a\0b', 'nothing']
  const entries = names.map((name, at) => ({ name, size: 3, digest: digest(`${at}`) }))
  await layerWith(t, store, [...entries, null, 7, { name: 5, digest: digest('x'), size: 1 }])
  using found = await store.layers.contents(new Set(entries.map(each => each.digest)))
  for (const { name, digest } of entries) {
    t.true(found.has(digest))
    t.is(found.read(digest, 0, 3), undefined, name)
  }
})

test('what is no table of contents, or is gone, holds nothing', async t => {
  const wanted = new Set([file.digest])
  for (const text of ['{', 'null', `[${JSON.stringify(file)}]`, JSON.stringify({ entries: { a: file } })]) {
    const { store } = await tempStore(t)
    await layerWith(t, store, [], text)
    using found = await store.layers.contents(wanted)
    t.false(found.has(file.digest), text)
  }
  const { store } = await tempStore(t)
  const { id } = await layerWith(t, store, [file])
  rmSync(join(roomOf(store).driver.diffPath(id), 'file'))
  using found = await store.layers.contents(wanted)
  t.is(found.read(file.digest, 0, 12), undefined)
})

test('the signal ends the search', async t => {
  const { store } = await tempStore(t)
  await layerWith(t, store, [file])
  const reason = new Error('enough')
  const error = await t.throwsAsync(
    store.layers.contents(new Set([file.digest]), { signal: AbortSignal.abort(reason) }),
  )
  t.is(error, reason)
})

test('a file is linked only to one that is the same in everything', async t => {
  const { store } = await tempStore(t)
  const { id } = await layerWith(t, store, [file])
  const source = join(roomOf(store).driver.diffPath(id), 'file')
  const link = async (name: string, change: (at: string) => Promise<void>) => {
    const directory = await tempDir(t, 'other')
    await output('cp', ['-a', source, join(directory, 'file')])
    await writeFile(join(directory, 'other'), name)
    await change(join(directory, 'file'))
    const tar = `${await tempDir(t, 'tar')}/layer.tar`
    await output('tar', ['--xattrs', '--format=pax', '-C', directory, '-cf', tar, 'file', 'other'])
    await using staged = await store.layers.stage()
    const { diffId } = await staged.apply({ path: tar, offset: 0, length: statSync(tar).size })
    using found = await store.layers.contents(new Set([file.digest]))
    const saved = await staged.linkFiles(
      found,
      new Map([
        ['file', file.digest],
        ['nothing', file.digest],
        ['other', digest('x')],
      ]),
    )
    const layer = await staged.commit({ id: chainId(undefined, diffId) })
    const { ino } = statSync(join(roomOf(store).driver.diffPath(layer.id), 'file'))
    return [saved, ino === statSync(source).ino]
  }
  t.deepEqual(await link('same', async () => {}), [12, true])
  t.deepEqual(await link('mode', at => chmod(at, 0o600)), [0, false])
  t.deepEqual(await link('owner', at => chown(at, 7, 7)), [0, false])
  t.deepEqual(await link('time', at => utimes(at, 1, 1)), [0, false])
  t.deepEqual(
    await link('content', async at => {
      const { atime, mtime } = statSync(at)
      await writeFile(at, 'FIRST second')
      await utimes(at, atime, mtime)
    }),
    [0, false],
  )
  t.deepEqual(await checkStore(store), [])
})
