import * as fs from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { checkStore, repairStore } from '../src/index.ts'
import { evilTar } from './support/evil-tar.ts'
import { recordImage } from './support/image.ts'
import { addLayer, inPieces } from './support/layers.ts'
import { tempStore } from './support/temp-store.ts'

const tar = evilTar([
  { name: 'd/', type: '5', mode: 0o755 },
  { name: 'd/file', data: 'content' },
])

for (const driver of ['overlay', 'vfs'] as const) {
  test(`${driver}: a healthy store has nothing wrong`, async t => {
    const { store } = await tempStore(t, { driver })
    const { layer } = await addLayer(store, inPieces(tar))
    await store.images.create({ layer: layer.id, names: ['localhost/a:1'], bigData: [{ key: 'manifest', data: tar }] })
    await store.containers.create({ layer: layer.id })
    t.deepEqual(await checkStore(store), [])
  })
}

test('a changed file is found, its layer dropped, and applying the layer again mends the image', async t => {
  const { store, options } = await tempStore(t)
  const { layer } = await addLayer(store, inPieces(tar))
  const image = await store.images.create({ layer: layer.id })
  fs.writeFileSync(join(options.graphRoot, 'overlay', layer.id, 'diff/d/file'), 'CONTENT')
  const problems = await checkStore(store)
  t.deepEqual(
    problems.map(each => [each.kind, each.subject]),
    [['layer-content-wrong', layer.id]],
  )
  t.true(problems[0]?.detail.includes('d/file'))
  const left = await repairStore(store, problems)
  t.deepEqual(
    left.map(each => each.kind),
    ['layer-files-missing'],
  )
  t.is((await store.images.get(image.id))?.layer, layer.id)
  await addLayer(store, inPieces(tar))
  t.deepEqual(await checkStore(store), [])
})

test('a layer in the middle is dropped and applied anew: what stands on it finds it', async t => {
  const { store, options } = await tempStore(t)
  const layers = [await addLayer(store, inPieces(tar))]
  for (const name of ['second', 'third'])
    layers.push(await addLayer(store, inPieces(evilTar([{ name, data: name }])), layers.at(-1)?.layer.id))
  const [, middle, top] = layers.map(each => each.layer)
  await store.images.create({ layer: top?.id ?? '' })
  const container = await store.containers.create({ layer: (await store.layers.create({ parent: top?.id ?? '' })).id })
  fs.writeFileSync(join(options.graphRoot, 'overlay', middle?.id ?? '', 'diff/second'), 'SECOND')
  await repairStore(store, await checkStore(store))
  t.false(await store.layers.hasFiles(middle?.id ?? ''))
  await addLayer(store, inPieces(evilTar([{ name: 'second', data: 'second' }])), layers[0]?.layer.id)
  t.true(await store.layers.hasFiles(middle?.id ?? ''))
  t.deepEqual(await checkStore(store), [])
  const path = await store.containers.mount(container.id)
  t.deepEqual(fs.readdirSync(path).toSorted(), ['d', 'second', 'third'])
  await store.containers.unmount(container.id)
})

for (const [name, options] of Object.entries({
  vfs: { driver: 'vfs', driverOptions: [] },
  overlay: { driver: 'overlay', driverOptions: [] },
  'fuse-overlayfs': { driver: 'overlay', driverOptions: ['overlay.mount_program=/usr/bin/fuse-overlayfs'] },
} as const)) {
  test(`${name}: all records of layers lost, those of a container with other owners are made as they were`, async t => {
    const { store, options: at } = await tempStore(t, options)
    const base = await addLayer(store, inPieces(tar))
    const image = await recordImage(store, { name: 'localhost/a:1', layers: [base.applied], top: base.layer.id })
    const range = [{ containerId: 0, hostId: 100_000, size: 65_536 }]
    const container = await store.containers.create({ image: image.id, mappings: { uids: range, gids: range } })
    const facts = async () =>
      (await store.layers.list())
        .map(({ id, parent, uidMap, gidMap }) => ({ id, parent, uidMap, gidMap }))
        .toSorted(byId)
    const before = await facts()
    fs.writeFileSync(join(at.graphRoot, `${at.driver}-layers/layers.json`), '[]')
    await repairStore(store, await checkStore(store))
    t.deepEqual(await checkStore(store), [])
    t.deepEqual(await facts(), before)
    const path = await store.containers.mount(container.id)
    t.is(fs.statSync(join(path, 'd/file')).uid, 100_000)
    await store.containers.unmount(container.id)
  })
}

const byId = (one: { readonly id: string }, other: { readonly id: string }): number => (one.id < other.id ? -1 : 1)

test('files that no record names go; what is whole stays', async t => {
  const { store, options } = await tempStore(t)
  const { layer } = await addLayer(store, inPieces(tar))
  const stranger = 'c'.repeat(64)
  const paths = [
    `overlay/${stranger}`,
    `overlay-images/${stranger}`,
    `overlay-containers/${stranger}`,
    `overlay-layers/${stranger}`,
  ]
  for (const path of paths) fs.mkdirSync(join(options.graphRoot, path), { recursive: true })
  fs.writeFileSync(join(options.graphRoot, `overlay-layers/${stranger}.tar-split.gz`), '')
  fs.mkdirSync(join(options.graphRoot, 'overlay/tempdirs/temp-dir-dead/0-diff'), { recursive: true })
  const problems = await checkStore(store)
  t.is(problems.length, 6)
  t.deepEqual(await repairStore(store, problems), [])
  t.deepEqual(await checkStore(store), [])
  t.truthy(await store.layers.get(layer.id))
})

test('lost records: layers come back; an image without its manifest goes when asked, what a container wrote stays', async t => {
  const { store, options } = await tempStore(t)
  const { layer } = await addLayer(store, inPieces(tar))
  const image = await store.images.create({ layer: layer.id, bigData: [{ key: 'manifest', data: tar }] })
  const container = await store.containers.create({ layer: layer.id })
  fs.writeFileSync(join(options.graphRoot, 'overlay-layers/layers.json'), '[]')
  fs.rmSync(join(options.graphRoot, 'overlay-images', image.id, 'manifest'))
  const kinds = (await checkStore(store)).map(each => each.kind)
  t.true(
    ['image-layer-missing', 'image-data-missing', 'container-layer-missing', 'layer-unused-files'].every(each =>
      kinds.includes(each as never),
    ),
  )
  const problems = await checkStore(store)
  await repairStore(store, problems, { images: 'remove', containers: 'remove' })
  t.deepEqual(await checkStore(store), [])
  t.is((await store.containers.get(container.id))?.layer, container.layer)
})

test('an item that is not what its key names stays told of: no record is made to fit it', async t => {
  const { store, options } = await tempStore(t)
  const base = await addLayer(store, inPieces(tar))
  const image = await recordImage(store, { name: 'localhost/a:1', layers: [base.applied], top: base.layer.id })
  const records = join(options.graphRoot, 'overlay-images/images.json')
  const before = fs.readFileSync(records, 'utf8')
  const config = `=${Buffer.from(`sha256:${image.id}`).toString('base64')}`
  fs.writeFileSync(join(options.graphRoot, 'overlay-images', image.id, config), '{}')
  const [problem] = await checkStore(store)
  t.is(problem?.kind, 'image-data-wrong')
  t.deepEqual(await repairStore(store, await checkStore(store)), problem ? [problem] : [])
  t.deepEqual(JSON.parse(fs.readFileSync(records, 'utf8')), JSON.parse(before))
})

test('a records file that is no JSON is an error that names it, and nothing is touched', async t => {
  const { store, options } = await tempStore(t)
  await addLayer(store, inPieces(tar))
  const file = join(options.graphRoot, 'overlay-layers/layers.json')
  const whole = fs.readFileSync(file)
  for (const bad of ['{', '[{}]', '[1]', '{"id":"x"}', whole.subarray(0, 50).toString()]) {
    fs.writeFileSync(file, bad)
    await t.throwsAsync(store.layers.list(), { code: 'STORE_DAMAGED' })
    await t.throwsAsync(store.layers.create({}), { code: 'STORE_DAMAGED' })
    t.is(fs.readFileSync(file, 'utf8'), bad)
  }
  fs.writeFileSync(file, whole)
  t.is((await store.layers.list()).length, 1)
})
