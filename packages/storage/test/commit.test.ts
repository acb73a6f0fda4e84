import * as fs from 'node:fs'
import test from 'ava'
import { chainId, checkStore, type Store } from '../src/index.ts'
import { evilTar } from './support/evil-tar.ts'
import { inPieces } from './support/layers.ts'
import { tempStore } from './support/temp-store.ts'

/** Layers of one file each, unpacked, each to lie on the one before. */
async function stageAll(store: Store, names: readonly string[]) {
  const layers = []
  let parent: string | undefined
  for (const name of names) {
    const staged = await store.layers.stage()
    const { diffId } = await staged.apply(inPieces(evilTar([{ name, data: name }])))
    const id = chainId(parent, diffId)
    layers.push({ staged, as: { id, ...(parent !== undefined && { parent }) } })
    parent = id
  }
  return layers
}

for (const driver of ['overlay', 'vfs'] as const) {
  test(`${driver}: several layers are recorded in one change, each on the one before`, async t => {
    const { store } = await tempStore(t, { driver })
    const layers = await stageAll(store, ['a', 'b', 'c'])
    const made = await store.layers.commit(layers)
    t.deepEqual(
      made.map(({ id, parent }) => [id, parent]),
      layers.map(({ as }) => [as.id, as.parent]),
    )
    for (const { staged } of layers) await staged[Symbol.asyncDispose]()
    const top = await store.layers.mount(layers[2]?.as.id ?? '')
    t.deepEqual(fs.readdirSync(top).sort(), ['a', 'b', 'c'])
    await store.layers.unmount(layers[2]?.as.id ?? '')
    t.deepEqual(await checkStore(store), [])
  })
}

test('what is there already is not recorded again, and the rest is', async t => {
  const { store } = await tempStore(t)
  const [first, ...rest] = await stageAll(store, ['a', 'b'])
  if (first === undefined) return t.fail()
  const before = await first.staged.commit(first.as)
  const again = await stageAll(store, ['a'])
  const made = await store.layers.commit([...again, ...rest])
  t.deepEqual(made[0], before)
  t.is((await store.layers.list()).length, 2)
})

test('with a parent that is not known none is recorded', async t => {
  const { store } = await tempStore(t)
  const [first, second] = await stageAll(store, ['a', 'b'])
  if (first === undefined || second === undefined) return t.fail()
  const astray = { ...second, as: { ...second.as, parent: 'f'.repeat(64) } }
  await t.throwsAsync(store.layers.commit([first, astray]), { code: 'LAYER_UNKNOWN' })
  t.deepEqual(await store.layers.list(), [])
  t.deepEqual(await checkStore(store), [])
})
