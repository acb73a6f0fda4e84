import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { MS_NODEV, MS_NOSUID, MS_RDONLY } from '@libpod/syscall'
import { mountsBelow, output } from '@libpod/test-kit'
import test from 'ava'
import { overlayData, partWords } from '../../src/drivers/overlay/mount-options.ts'
import { moveWithin } from '../../src/drivers/overlay/move-within.ts'
import { openStore } from '../../src/index.ts'
import { makeTemporary } from '../../src/layers/temporary.ts'
import { evilTar } from '../support/evil-tar.ts'
import { addLayer, inPieces } from '../support/layers.ts'
import { tempStore } from '../support/temp-store.ts'

const tar = (name: string) => inPieces(evilTar([{ name, data: name }]))

test('mount words are parted into flags and what overlayfs reads', t => {
  t.deepEqual(partWords(['nodev', 'metacopy=on', 'ro', 'rw', 'nosuid']), {
    flags: MS_NODEV | MS_NOSUID,
    own: ['metacopy=on'],
  })
  t.deepEqual(partWords(['ro']), { flags: MS_RDONLY, own: [] })
  t.deepEqual(partWords(['constructor']), { flags: 0, own: ['constructor'] })
})

test('overlay options: read-write, read-only, labelled, and paths that hold separators', t => {
  const layers = { lowers: ['/l/1', '/l/2'], upper: '/u', work: '/w' }
  t.is(overlayData(layers, ['volatile']), 'lowerdir=/l/1:/l/2,upperdir=/u,workdir=/w,volatile')
  t.is(overlayData({ lowers: ['/a'] }, [], 'x:y'), 'lowerdir=/a,context="x:y"')
  t.is(overlayData({ lowers: ['/a:b,c\\d'] }, []), 'lowerdir=/a\\:b\\,c\\\\d')
})

test('more layers than a page of options names are mounted, through a thread of its own', async t => {
  const { store, options } = await tempStore(t)
  let top = (await addLayer(store, tar('f0'))).layer.id
  for (let n = 1; n < 120; n++) top = (await addLayer(store, tar(`f${n}`), top)).layer.id
  const container = await store.containers.create({ layer: (await store.layers.create({ parent: top })).id })
  const path = await store.containers.mount(container.id)
  t.is(fs.readdirSync(path).length, 120)
  fs.writeFileSync(join(path, 'written'), '')
  await store.containers.unmount(container.id)
  t.true(fs.existsSync(join(options.graphRoot, 'overlay', container.layer, 'diff/written')))
})

test('a lost short link is made again', async t => {
  const { store, options } = await tempStore(t)
  const { layer } = await addLayer(store, tar('f'))
  fs.rmSync(join(options.graphRoot, 'overlay/l'), { recursive: true })
  const child = await store.layers.create({ parent: layer.id })
  const path = await store.layers.mount(child.id)
  t.deepEqual(fs.readdirSync(path), ['f'])
  await store.layers.unmount(child.id)
})

test('a layer whose lower layer is gone is damaged, and says which link', async t => {
  const { store, options } = await tempStore(t)
  const { layer } = await addLayer(store, tar('f'))
  const child = await store.layers.create({ parent: layer.id })
  fs.rmSync(join(options.graphRoot, 'overlay', layer.id), { recursive: true })
  fs.rmSync(join(options.graphRoot, 'overlay/l'), { recursive: true })
  await t.throwsAsync(store.layers.mount(child.id), { code: 'LAYER_DAMAGED' })
})

test('what was counted before a boot is mounted anew', async t => {
  const { store, options } = await tempStore(t)
  const { layer } = await addLayer(store, tar('f'))
  const child = await store.layers.create({ parent: layer.id })
  const file = join(options.runRoot, 'overlay-layers/mountpoints.json')
  fs.mkdirSync(join(options.runRoot, 'overlay-layers'), { recursive: true })
  const path = join(options.graphRoot, 'overlay', child.id, 'merged')
  fs.writeFileSync(file, JSON.stringify([{ id: child.id, path, count: 3 }]))
  t.is(await store.layers.mount(child.id), path)
  t.is(await store.layers.mountCount(child.id), 1)
  t.deepEqual(fs.readdirSync(path), ['f'])
  await store.layers.unmount(child.id)
})

test('closing takes the home’s own mount away, but not while a layer is mounted', async t => {
  const { store, options } = await tempStore(t)
  const layer = await store.layers.create({})
  await store.layers.mount(layer.id)
  await store.close()
  t.is((await mountsBelow(options.graphRoot)).length, 2)
  const again = await openStore(options)
  await again.layers.unmount(layer.id)
  await again.close()
  t.deepEqual(await mountsBelow(options.graphRoot), [])
})

test('what is mounted or open below the home keeps its mount, whoever it is', async t => {
  const { store, options } = await tempStore(t)
  const home = join(options.graphRoot, 'overlay')
  const layer = await store.layers.create({})
  const { id } = await store.layers.create({ parent: layer.id })
  await store.layers.mount(id)
  const there = join(home, 'there')
  fs.mkdirSync(there)
  await output('mount', ['-t', 'tmpfs', 'tmpfs', there])
  await store.layers.unmount(id)
  await store.close()
  t.deepEqual((await mountsBelow(options.graphRoot)).toSorted(), [home, there])
  await output('umount', [there])
  const file = fs.openSync(join(home, layer.id, 'link'), 'r')
  const last = await openStore(options)
  await last.layers.remove(id)
  await last.close()
  t.deepEqual(await mountsBelow(options.graphRoot), [home])
  fs.closeSync(file)
  await last.layers.remove(layer.id)
  await last.close()
  t.deepEqual(await mountsBelow(options.graphRoot), [])
})

test('a volatile container leaves no trace that stops its next mount', async t => {
  const { store, options } = await tempStore(t)
  const container = await store.containers.create({ volatile: 'yes' })
  t.true(fs.existsSync(join(options.graphRoot, 'overlay-containers/volatile-containers.json')))
  for (let round = 0; round < 2; round++) {
    const path = await store.containers.mount(container.id)
    fs.writeFileSync(join(path, `f${round}`), '')
    await store.containers.unmount(container.id)
  }
  t.is((await store.containers.get(container.id))?.volatile, 'yes')
  await store.containers.remove(container.id)
})

test('images of another store are used from there, and copied up when changed', async t => {
  const first = await tempStore(t)
  const { layer } = await addLayer(first.store, tar('shared'))
  const image = await first.store.images.create({
    layer: layer.id,
    names: ['localhost/shared:1'],
    bigData: [{ key: 'manifest', data: Buffer.from('m') }],
  })
  const { store } = await tempStore(t, { additionalImageStores: [first.options.graphRoot] })
  t.is((await store.images.get('localhost/shared:1'))?.readOnly, 'yes')
  t.is((await store.layers.get(layer.id))?.readOnly, 'yes')
  const container = await store.containers.create({ image: image.id })
  const path = await store.containers.mount(container.id)
  t.deepEqual(fs.readdirSync(path), ['shared'])
  await store.containers.unmount(container.id)
  const shown = await store.layers.mount(layer.id)
  t.deepEqual(fs.readdirSync(shown), ['shared'])
  await store.layers.unmount(layer.id)
  await store.containers.remove(container.id)
  await store.images.addNames(image.id, ['localhost/own:1'])
  t.is((await store.images.get('localhost/own:1'))?.readOnly, 'no')
  t.deepEqual(await store.images.bigData(image.id, 'manifest'), Buffer.from('m'))
  t.deepEqual((await first.store.images.get(image.id))?.names, ['localhost/shared:1'])
  const upper = await addLayer(store, tar('upper'), layer.id)
  t.is(upper.layer.parent, layer.id)
})

test('what is moved within the home arrives while other programs bind the home on itself and take that away', async t => {
  const { store, options } = await tempStore(t)
  const home = join(options.graphRoot, 'overlay')
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const binder = new Worker(new URL('../support/bind-home.ts', import.meta.url), { workerData: { home, stop } })
  const ended = once(binder, 'exit')
  t.teardown(async () => {
    Atomics.store(stop, 0, 1)
    await ended
  })
  await once(binder, 'message')
  const [here, there] = [join(home, 'here'), join(home, 'tempdirs', 'there')]
  fs.mkdirSync(here)
  fs.mkdirSync(join(home, 'tempdirs'), { recursive: true })
  for (let n = 0; n < 10_000; n++) {
    moveWithin(here, there)
    moveWithin(there, here)
  }
  for (let n = 0; n < 20; n++) await store.layers.remove((await addLayer(store, tar(`f${n}`))).layer.id)
  t.deepEqual(await store.layers.list(), [])
})

test('a layer that is removed while its mount waits for the locks is unknown, not damaged', async t => {
  const { store } = await tempStore(t)
  const { layer } = await addLayer(store, tar('f'))
  const [removed, mounted] = await Promise.allSettled([store.layers.remove(layer.id), store.layers.mount(layer.id)])
  t.is(removed.status, 'fulfilled')
  t.like(mounted, { status: 'rejected', reason: { code: 'LAYER_UNKNOWN' } })
})

test('a directory for half-done work is given up once: the number of its lock may be another file by then', async t => {
  const { options } = await tempStore(t)
  const temporary = makeTemporary(join(options.graphRoot, 'overlay/tempdirs'))
  temporary[Symbol.dispose]()
  const others = Array.from({ length: 40 }, () => fs.openSync('/dev/null', 'r'))
  temporary[Symbol.dispose]()
  for (const fd of others) t.notThrows(() => fs.closeSync(fd))
})
