import * as fs from 'node:fs'
import { join } from 'node:path'
import { lremovexattr, lsetxattr } from '@libpod/syscall'
import test, { type ExecutionContext } from 'ava'
import { chainId, checkStore, type DriverName, repairStore, type Store } from '../src/index.ts'
import { evilTar } from './support/evil-tar.ts'
import { addLayer, inPieces } from './support/layers.ts'
import { tempStore } from './support/temp-store.ts'

const base = evilTar([
  { name: 'd/', type: '5', mode: 0o755 },
  { name: 'd/gone', data: 'gone' },
  { name: 'e/', type: '5', mode: 0o755 },
  { name: 'e/hidden', data: 'hidden' },
])
const tar = evilTar([
  { name: 'd/', type: '5', mode: 0o1777 },
  { name: 'd/file', data: 'content', mode: 0o4755, uid: 3, gid: 4 },
  { name: 'd/other', type: '1', link: 'd/file' },
  { name: 'd/link', type: '2', link: 'file' },
  { name: 'd/pipe', type: '6' },
  { name: 'd/early', data: 'early', pax: { mtime: '-86400.5' } },
  { name: 'implied/empty/', type: '5' },
  { name: 'd/.wh.gone' },
  { name: 'e/', type: '5', mode: 0o755 },
  { name: 'e/.wh..wh..opq' },
])

interface Made {
  readonly store: Store
  readonly id: string
  readonly diff: string
}

async function makeLayer(t: ExecutionContext, driver: DriverName = 'overlay'): Promise<Made> {
  const { store, options } = await tempStore(t, { driver })
  const below = await addLayer(store, inPieces(base))
  const { layer } = await addLayer(store, inPieces(tar), below.layer.id)
  const files = driver === 'vfs' ? `vfs/dir/${layer.id}` : `overlay/${layer.id}/diff`
  await store.images.create({ layer: layer.id })
  return { store, id: layer.id, diff: join(options.graphRoot, files) }
}

const changes: Readonly<Record<string, readonly [told: RegExp, change: (diff: string) => void]>> = {
  'a mode': [/^d\/file has mode 0755 instead of 04755$/, diff => fs.chmodSync(join(diff, 'd/file'), 0o755)],
  "a directory's mode": [/^d has mode 0755 instead of 01777$/, diff => fs.chmodSync(join(diff, 'd'), 0o755)],
  'an owner': [/^d\/link belongs to 7:8 instead of 0:0$/, diff => fs.lchownSync(join(diff, 'd/link'), 7, 8)],
  'a time': [/^d\/pipe has another time than 1500000000$/, diff => fs.utimesSync(join(diff, 'd/pipe'), 5, 5)],
  "a link's target": [/^d\/link leads to elsewhere instead of file$/, diff => replaceLink(diff, 'elsewhere')],
  'a kind': [/^implied\/empty is no directory$/, diff => replaceByFile(join(diff, 'implied/empty'))],
  'a FIFO that is gone': [/^d\/pipe is missing$/, diff => fs.rmSync(join(diff, 'd/pipe'))],
  'a directory that is gone': [
    /^implied\/empty is missing$/,
    diff => fs.rmSync(join(diff, 'implied'), { recursive: true }),
  ],
  'a hard link that is a copy': [/^d\/other is no hard link any more$/, diff => copyOver(diff, 'd/file', 'd/other')],
  'a deletion that is gone': [/^d\/gone is not deleted any more$/, diff => fs.rmSync(join(diff, 'd/gone'))],
  'a deletion that is a file': [/^d\/gone is not deleted any more$/, diff => replaceByFile(join(diff, 'd/gone'))],
  'a directory that is not opaque': [
    /^e does not hide lower layers any more$/,
    diff => lremovexattr(join(diff, 'e'), 'trusted.overlay.opaque'),
  ],
}

/** Leaves the directory's time as it is: that would be told of first. */
function within(directory: string, change: () => void): void {
  const { atime, mtime } = fs.statSync(directory)
  change()
  if (fs.existsSync(directory)) fs.utimesSync(directory, atime, mtime)
}

const replaceLink = (diff: string, target: string): void =>
  within(join(diff, 'd'), () => {
    fs.rmSync(join(diff, 'd/link'))
    fs.symlinkSync(target, join(diff, 'd/link'))
  })

function replaceByFile(path: string): void {
  within(join(path, '..'), () => {
    fs.rmSync(path, { recursive: true })
    fs.writeFileSync(path, '')
  })
}

const copyOver = (diff: string, from: string, to: string): void =>
  within(join(diff, 'd'), () => {
    const { mtime, atime } = fs.statSync(join(diff, from))
    fs.rmSync(join(diff, to))
    fs.copyFileSync(join(diff, from), join(diff, to))
    fs.chownSync(join(diff, to), 3, 4)
    fs.chmodSync(join(diff, to), 0o4755)
    fs.utimesSync(join(diff, to), atime, mtime)
  })

for (const [what, [told, change]] of Object.entries(changes)) {
  test(`${what} is told of, and the layer written anew from its own tar, below its container`, async t => {
    const { store, id, diff } = await makeLayer(t)
    const container = await store.containers.create({ layer: (await store.layers.create({ parent: id })).id })
    t.deepEqual(await checkStore(store), [])
    within(join(diff, 'd'), () => change(diff))
    const problems = await checkStore(store)
    t.deepEqual(
      problems.map(each => [each.kind, each.subject]),
      [['layer-attributes-wrong', id]],
    )
    t.regex((problems[0]?.detail ?? '').replaceAll('"', ''), told)
    t.deepEqual(await repairStore(store, problems), [])
    t.deepEqual(await checkStore(store), [])
    const path = await store.containers.mount(container.id)
    t.deepEqual(fs.readdirSync(join(path, 'd')).toSorted(), ['early', 'file', 'link', 'other', 'pipe'])
    t.deepEqual(fs.readdirSync(join(path, 'e')), [])
    await store.containers.unmount(container.id)
  })
}

test('what was added to a layer goes, and all else stays', async t => {
  const { store, id, diff } = await makeLayer(t)
  fs.writeFileSync(join(diff, 'd/stranger'), '')
  const problems = await checkStore(store)
  t.deepEqual(
    problems.map(each => [each.kind, each.subject]),
    [['layer-content-added', id]],
  )
  t.deepEqual(await repairStore(store, problems), [])
  t.false(fs.existsSync(join(diff, 'd/stranger')))
  t.is(fs.readFileSync(join(diff, 'd/file'), 'utf8'), 'content')
})

test('a mounted layer stays as it is, and told of', async t => {
  const { store, id, diff } = await makeLayer(t)
  const container = await store.containers.create({ layer: (await store.layers.create({ parent: id })).id })
  await store.containers.mount(container.id)
  const { ino } = fs.statSync(join(diff, 'd/file'))
  fs.chmodSync(join(diff, 'd/file'), 0o644)
  const left = await repairStore(store, await checkStore(store))
  t.deepEqual(
    left.map(each => each.kind),
    ['layer-attributes-wrong'],
  )
  t.is(fs.statSync(join(diff, 'd/file')).ino, ino)
  await store.containers.unmount(container.id)
  t.deepEqual(await repairStore(store, left), [])
})

test('vfs: a changed mode is told of, and nothing dropped', async t => {
  const { store, id, diff } = await makeLayer(t, 'vfs')
  t.deepEqual(await checkStore(store), [])
  fs.chmodSync(join(diff, 'd/file'), 0o644)
  const problems = await checkStore(store)
  t.deepEqual(
    problems.map(each => [each.kind, each.subject]),
    [['layer-attributes-wrong', id]],
  )
  t.is((await repairStore(store, problems)).length, 1)
  t.true(fs.existsSync(join(diff, 'd/file')))
})

test('owner and mode that fuse-overlayfs keeps in an attribute are not compared', async t => {
  const { store, diff } = await makeLayer(t)
  lsetxattr(join(diff, 'd/file'), 'user.containers.override_stat', Buffer.from('3:4:0104755'))
  fs.chmodSync(join(diff, 'd/file'), 0o755)
  t.deepEqual(await checkStore(store), [])
})

test('a lost tar-split record is told of where the tar cannot be made without it', async t => {
  const { store, options } = await tempStore(t)
  const { layer } = await addLayer(store, inPieces(tar))
  await store.images.create({ layer: layer.id })
  fs.rmSync(join(options.graphRoot, `overlay-layers/${layer.id}.tar-split.gz`))
  t.deepEqual(await checkStore(store), [
    { kind: 'layer-content-wrong', subject: layer.id, detail: 'its tar-split record is missing' },
  ])
})

test("of a layer that came in parts only the files' times are compared", async t => {
  const { store, options } = await tempStore(t)
  await using staged = await store.layers.stage()
  const { diffId } = await staged.apply(inPieces(tar))
  const toc = { digest: diffId, data: Buffer.from('{}') }
  const { id } = await staged.commit({ id: chainId(undefined, diffId), toc })
  await store.images.create({ layer: id })
  const diff = join(options.graphRoot, 'overlay', id, 'diff')
  fs.utimesSync(join(diff, 'd'), 5, 5)
  t.deepEqual(await checkStore(store), [])
  fs.utimesSync(join(diff, 'd/file'), 5, 5)
  t.regex((await checkStore(store))[0]?.detail ?? '', /file" has another time/)
})
