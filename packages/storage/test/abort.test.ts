import * as fs from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { checkStore, repairStore } from '../src/index.ts'
import { paced } from '../src/paced.ts'
import { evilTar } from './support/evil-tar.ts'
import { addLayer, inPieces } from './support/layers.ts'
import { tempStore } from './support/temp-store.ts'

const range = [{ containerId: 0, hostId: 100_000, size: 65_536 }]
const mappings = { uids: range, gids: range }

function* endless(): Generator<void, never> {
  for (;;) yield
}

test('long work lets others have their turn, and stops when told, with the reason', async t => {
  const control = new AbortController()
  const work = paced(endless(), control)
  setTimeout(() => control.abort(new Error('enough')), 40)
  await t.throwsAsync(work, { message: 'enough' })
})

for (const driver of ['overlay', 'vfs'] as const) {
  test(`${driver}: every long call of a store takes a signal`, async t => {
    const { store, options } = await tempStore(t, { driver })
    const tar = evilTar(['a', 'b', 'c'].map(name => ({ name, data: name })))
    const { layer } = await addLayer(store, inPieces(tar))
    const image = await store.images.create({ layer: layer.id })
    const container = await store.containers.create({ image: image.id })
    const path = await store.containers.mount(container.id)
    fs.writeFileSync(join(path, 'written'), 'x')
    await store.containers.unmount(container.id)
    const records = fs.readFileSync(join(options.graphRoot, `${driver}-layers/layers.json`), 'utf8')
    const signal = AbortSignal.abort(new Error('enough'))
    const { layers, images, containers } = store
    await using staged = await layers.stage()
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      'layers.apply': () => staged.apply(inPieces(tar), { signal }),
      'layers.diff': () => Array.fromAsync(layers.diff(layer.id, undefined, { signal })),
      'layers.diff of a container': () => Array.fromAsync(layers.diff(container.layer, undefined, { signal })),
      'layers.changes': () => Array.fromAsync(layers.changes(container.layer, undefined, { signal })),
      'layers.size': () => layers.size(container.layer, { signal }),
      'layers.mount': () => layers.mount(container.layer, { signal }),
      'containers.size': () => containers.size(container.id, { signal }),
      'containers.mount': () => containers.mount(container.id, { signal }),
      'containers.create': () => containers.create({ image: image.id }, { signal }),
      'containers.create with other owners': () => containers.create({ image: image.id, mappings }, { signal }),
      checkStore: () => checkStore(store, { signal }),
      repairStore: () =>
        repairStore(store, [{ kind: 'layer-content-wrong', subject: layer.id, detail: '' }], { signal }),
    }
    for (const [name, call] of Object.entries(calls)) await t.throwsAsync(call(), { message: 'enough' }, name)
    t.is(await images.size(image.id, { signal }), tar.length) // recorded: nothing long about it
    t.is(fs.readFileSync(join(options.graphRoot, `${driver}-layers/layers.json`), 'utf8'), records)
    t.deepEqual(await checkStore(store), [])
    t.is((await containers.size(container.id)).total, (await containers.size(container.id)).written + tar.length)
  })
}
