import { chownSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mountsBelow } from '@libpod/test-kit'
import test from 'ava'
import { evilTar } from '../support/evil-tar.ts'
import { addLayer, inPieces } from '../support/layers.ts'
import { tempStore } from '../support/temp-store.ts'

const mappings = {
  uids: [{ containerId: 0, hostId: 200_000, size: 1000 }],
  gids: [
    { containerId: 0, hostId: 300_000, size: 10 },
    { containerId: 10, hostId: 400_000, size: 90 },
  ],
}

test('the files of an image are seen with shifted ids, and not one of them is touched', async t => {
  const { store, options } = await tempStore(t)
  const one = await addLayer(store, inPieces(evilTar([{ name: 'file', data: 'text', uid: 7, gid: 20 }])))
  const two = await addLayer(store, inPieces(evilTar([{ name: 'other', data: 'text' }])), one.layer.id)
  const layer = await store.layers.create({ parent: two.layer.id, mappings })
  const container = await store.containers.create({ layer: layer.id, mappings })
  const path = await store.containers.mount(container.id)
  const owner = (name: string) => [statSync(join(path, name)).uid, statSync(join(path, name)).gid]
  t.deepEqual(
    [owner('.'), owner('file'), owner('other')],
    [
      [200_000, 300_000],
      [200_007, 400_010],
      [200_000, 300_000],
    ],
  )
  writeFileSync(join(path, 'file'), 'changed')
  t.deepEqual(owner('file'), [200_007, 400_010], 'copied up with the ids that it was seen with')
  writeFileSync(join(path, 'new'), '')
  chownSync(join(path, 'new'), 200_005, 300_005)
  await store.containers.unmount(container.id)
  await store.containers.mount(container.id)
  t.deepEqual(
    [owner('file'), owner('new'), readFileSync(join(path, 'file'), 'utf8')],
    [[200_007, 400_010], [200_005, 300_005], 'changed'],
  )
  const home = join(options.graphRoot, 'overlay')
  const below = statSync(join(home, one.layer.id, 'diff/file'))
  t.deepEqual([below.uid, below.gid, below.size], [7, 20, 4])
  t.false(existsSync(join(home, container.layer, 'mapped')), 'overlayfs has its own copies of the mounts')
  await store.containers.unmount(container.id)
  t.deepEqual(await mountsBelow(join(home, container.layer)), [])
})
