import * as fs from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { checkStore, repairStore } from '../src/index.ts'
import { evilTar } from './support/evil-tar.ts'
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

test('lost records: images and containers without layers are told, and go when asked', async t => {
  const { store, options } = await tempStore(t)
  const { layer } = await addLayer(store, inPieces(tar))
  const image = await store.images.create({ layer: layer.id, bigData: [{ key: 'manifest', data: tar }] })
  const container = await store.containers.create({ layer: layer.id })
  fs.writeFileSync(join(options.graphRoot, 'overlay-layers/layers.json'), '[]')
  fs.rmSync(join(options.graphRoot, 'overlay-images', image.id, 'manifest'))
  const kinds = (await checkStore(store)).map(each => each.kind)
  t.true(
    ['image-layer-missing', 'image-data-wrong', 'container-layer-missing', 'layer-unused-files'].every(each =>
      kinds.includes(each as never),
    ),
  )
  const problems = await checkStore(store)
  await repairStore(store, problems, { images: 'remove', containers: 'remove' })
  t.deepEqual(await checkStore(store), [])
  t.is(await store.containers.get(container.id), undefined)
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
