import * as fs from 'node:fs'
import { join } from 'node:path'
import { lgetxattr } from '@libpod/syscall'
import test from 'ava'
import { checkStore } from '../src/index.ts'
import { entryLines } from './support/entries.ts'
import { evilTar } from './support/evil-tar.ts'
import { addLayer, inPieces } from './support/layers.ts'
import { tempStore } from './support/temp-store.ts'

const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex')
/** The same, for the root that 100000 is on the host. */
const ofShiftedRoot = Buffer.from('010000030004000000000000000000000000000000000000', 'hex')
ofShiftedRoot.writeUInt32LE(100_000, 20)

const tar = evilTar([
  { name: 'd/', type: '5', mode: 0o755, uid: 7 },
  { name: 'd/file', data: 'content', uid: 7 },
  { name: 'setuid', data: 'x', mode: 0o4755 },
  { name: 'capable', data: 'x', pax: { 'SCHILY.xattr.security.capability': capability } },
  { name: 'hard', type: '1', link: 'd/file' },
  { name: 'link', type: '2', link: '/nowhere' },
])
const range = [{ containerId: 0, hostId: 100_000, size: 65_536 }]
const mappings = { uids: range, gids: range }

const modes = {
  overlay: { driver: 'overlay', driverOptions: [], layers: 0 },
  'fuse-overlayfs': { driver: 'overlay', driverOptions: ['overlay.mount_program=/usr/bin/fuse-overlayfs'], layers: 1 },
  vfs: { driver: 'vfs', driverOptions: [], layers: 1 },
} as const

for (const [name, { layers, ...options }] of Object.entries(modes)) {
  test(`${name}: a container with shifted ids sees the image’s files as its own; owners change once for each mapping`, async t => {
    const { store } = await tempStore(t, options)
    const { layer } = await addLayer(store, inPieces(tar))
    const image = await store.images.create({ layer: layer.id })
    const first = await store.containers.create({ image: image.id, mappings })
    const path = await store.containers.mount(first.id)
    const owners = (name: string) => {
      const { uid, gid, mode } = fs.lstatSync(join(path, name))
      return [uid, gid, mode & 0o7777]
    }
    t.deepEqual(owners('.').slice(0, 2), [100_000, 100_000])
    t.deepEqual(owners('d'), [100_007, 100_000, 0o755])
    t.deepEqual(owners('d/file'), [100_007, 100_000, 0o644])
    t.deepEqual(owners('setuid'), [100_000, 100_000, 0o4755])
    t.deepEqual(owners('link').slice(0, 2), [100_000, 100_000])
    t.deepEqual(lgetxattr(join(path, 'capable'), 'security.capability'), ofShiftedRoot)
    t.is(fs.readFileSync(join(path, 'hard'), 'utf8'), 'content')
    t.is(fs.statSync(join(path, 'hard')).ino, fs.statSync(join(path, 'd/file')).ino)

    fs.writeFileSync(join(path, 'made'), '')
    fs.chownSync(join(path, 'made'), 100_005, 100_006)
    const lines = await entryLines(store.layers.diff(first.layer))
    t.true(
      lines.some(line => line.startsWith('made file 644 5 6 ')),
      lines.join('\n'),
    )
    t.deepEqual(
      (await Array.fromAsync(store.layers.changes(first.layer))).map(each => `${each.kind} ${each.path}`),
      ['added /made'],
    )
    await store.containers.unmount(first.id)

    const before = (await store.layers.list()).length
    const second = await store.containers.create({ image: image.id, mappings })
    t.is((await store.layers.list()).length, before + 1)
    t.is((await store.images.get(image.id))?.mappedLayers.length, layers)
    const plain = await store.containers.create({ image: image.id })
    t.is((await store.layers.get(plain.layer))?.parent, layer.id)
    t.deepEqual(await checkStore(store), [])
    for (const { id } of [first, second, plain]) await store.containers.remove(id)
    t.is((await store.images.remove(image.id)).length, 1 + layers)
    t.deepEqual(await store.layers.list(), [])
  })
}

test('an owner that no range has is refused, and nothing is recorded with the image', async t => {
  const { store } = await tempStore(t, { driver: 'vfs' })
  const { layer } = await addLayer(store, inPieces(tar))
  const image = await store.images.create({ layer: layer.id })
  const narrow = [{ containerId: 0, hostId: 100_000, size: 5 }]
  const refused = store.containers.create({ image: image.id, mappings: { uids: narrow, gids: narrow } })
  await t.throwsAsync(refused, { code: 'OPTION_INVALID', message: /id 7/ })
  t.deepEqual((await store.images.get(image.id))?.mappedLayers, [])
  t.deepEqual(await store.containers.list(), [])
})
