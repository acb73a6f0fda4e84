import * as fs from 'node:fs'
import { join } from 'node:path'
import { MNT_DETACH, mount, umount } from '@libpod/syscall'
import test, { type ExecutionContext } from 'ava'
import { checkStore, isStorageError, openStore, type Store } from '../src/index.ts'
import { evilTar } from './support/evil-tar.ts'
import { addLayer, inPieces } from './support/layers.ts'
import { tempStore } from './support/temp-store.ts'

/** A store on a device of its own, of three mebibytes. */
async function smallStore(t: ExecutionContext, driver: 'overlay' | 'vfs'): Promise<{ store: Store; disk: string }> {
  const { directory, options } = await tempStore(t)
  const disk = join(directory, 'disk')
  fs.mkdirSync(disk)
  mount('tmpfs', disk, 'tmpfs', 0, 'size=3m')
  const store = await openStore({ ...options, graphRoot: join(disk, 'root'), driver })
  t.teardown(async () => {
    await store.close()
    umount(disk, MNT_DETACH)
  })
  return { store, disk }
}

const file = (name: string, size: number) => inPieces(evilTar([{ name, data: Buffer.alloc(size, name) }]))

const root = process.getuid?.() === 0
if (!root) console.warn('skipped: a full disk needs a tmpfs of its own')

for (const driver of ['overlay', 'vfs'] as const) {
  ;(root ? test : test.skip)(
    `${driver}: a layer that does not fit is refused with its reason and leaves nothing`,
    async t => {
      const { store, disk } = await smallStore(t, driver)
      const { layer } = await addLayer(store, file('first', 300_000))
      const before = fs.statfsSync(disk).bfree
      for (const parent of [undefined, layer.id]) {
        const error = await t.throwsAsync(addLayer(store, file('large', 8_000_000), parent))
        t.true(isStorageError(error, 'NO_SPACE'), String(error))
      }
      t.is((await store.layers.list()).length, 1)
      t.deepEqual(await checkStore(store), [])
      // A lock file and a directory or two may be new.
      t.true(before - fs.statfsSync(disk).bfree < 16)
      t.truthy((await addLayer(store, file('small', 100_000), layer.id)).layer)
    },
  )

  ;(root ? test : test.skip)(
    `${driver}: on a full disk nothing new is recorded, and everything can be removed`,
    async t => {
      const { store, disk } = await smallStore(t, driver)
      const { layer } = await addLayer(store, file('first', 300_000))
      const image = await store.images.create({ layer: layer.id, names: ['localhost/full:1'] })
      const container = await store.containers.create({ image: image.id, names: ['mounted'] })
      await store.containers.mount(container.id)
      fill(join(disk, 'filler'))
      const many = Array.from({ length: 400 }, (_, n) => `localhost/name-that-needs-space:${n}`)
      await t.throwsAsync(store.images.addNames(image.id, many))
      await t.throwsAsync(store.images.setBigData(image.id, { key: 'large', data: Buffer.alloc(200_000) }))
      await t.throwsAsync(addLayer(store, file('second', 100_000), layer.id))
      t.deepEqual((await store.images.get(image.id))?.names, ['localhost/full:1'])
      await store.containers.remove(container.id)
      await store.images.remove(image.id)
      t.deepEqual([await store.layers.list(), await store.images.list(), await store.containers.list()], [[], [], []])
      fs.rmSync(join(disk, 'filler'))
      t.deepEqual(await checkStore(store), [])
    },
  )
}

/** Takes every byte that is left. */
function fill(path: string): void {
  const fd = fs.openSync(path, 'w')
  try {
    for (const size of [65_536, 4096, 512]) while (take(fd, size));
  } finally {
    fs.closeSync(fd)
  }
}

function take(fd: number, size: number): boolean {
  try {
    return fs.writeSync(fd, Buffer.alloc(size, 1)) === size
  } catch {
    return false
  }
}
