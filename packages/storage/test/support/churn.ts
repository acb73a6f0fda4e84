import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { isStorageError, loadStoreOptions, openStore, type Store } from '../../src/index.ts'
import { evilTar } from './evil-tar.ts'
import { recordImage } from './image.ts'
import { addLayer, inPieces } from './layers.ts'

/**
 * Works on a store for ever, doing everything that changes one; to be killed. Begins when a line comes in. The image it is
 * told to keep stays, everything else may go.
 */

const [graphRoot = '', runRoot = '', kept = '', archive = ''] = process.argv.slice(2)
const store = await openStore(loadStoreOptions({ graphRoot, runRoot, driver: 'overlay', sync: 'none' }, {}))

let round = 0
const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(Math.random() * all.length)]
const unique = (): string => `${process.pid}-${round++}-${Math.random()}`

function someTar(): Buffer {
  const text = unique()
  const files = Array.from({ length: 30 }, (_, n) => ({ name: `d${n % 3}/f${n}`, data: text.repeat(1 + n) }))
  return evilTar([...files, { name: 'home/.wh.guest' }])
}

async function addTop(bytes: Buffer): Promise<void> {
  const base = await baseLayers()
  const { layer, applied } = await addLayer(store, inPieces(bytes, 20_000), base.id)
  const image = await recordImage(store, { name: `localhost/churn:${unique()}`, layers: [applied], top: layer.id })
  await store.images.addNames(image.id, ['localhost/churn:latest', `localhost/churn:${round % 3}`])
}

async function baseLayers(): Promise<{ readonly id: string }> {
  const image = await store.images.get(kept)
  return { id: image?.layer ?? '' }
}

/** Containers of this process and of dead ones, never of another one that lives. */
async function someContainer(store: Store): Promise<string | undefined> {
  return pick((await store.containers.list()).filter(each => each.names.some(name => name.startsWith('churn'))))?.id
}

const work: Readonly<Record<string, () => Promise<unknown>>> = {
  pull: () => addTop(gzipSync(someTar(), { level: 1 })),
  load: async () => {
    const { layer, applied } = await addLayer(store, { path: archive })
    await recordImage(store, { name: `localhost/load:${unique()}`, layers: [applied], top: layer.id })
  },
  commit: async () => {
    const image = pick(await store.images.list())?.id ?? kept
    const container = await store.containers.create({ image, names: [`churn${unique()}`] })
    writeFileSync(join(await store.containers.mount(container.id), 'written'), unique())
    await store.containers.unmount(container.id)
    const tar = Buffer.concat(await Array.fromAsync(store.layers.diff(container.layer)))
    await addTop(tar)
  },
  mount: async () => {
    const id = await someContainer(store)
    if (id === undefined) return
    await store.containers.mount(id)
    await store.containers.unmount(id)
  },
  rm: async () => {
    const id = await someContainer(store)
    if (id !== undefined) await store.containers.remove(id)
  },
  rmi: async () => {
    const image = pick((await store.images.list()).filter(each => each.id !== kept && isChurned(each.names)))
    if (image) await store.images.remove(image.id)
  },
  prune: async () => {
    const used = new Set((await store.containers.list()).map(each => each.image))
    for (const { id, names } of await store.images.list())
      if (id !== kept && !used.has(id) && isChurned(names)) await store.images.remove(id).catch(forgive)
  },
}

const isChurned = (names: readonly string[]): boolean => names.every(each => /^localhost\/(?:churn|load):/.test(each))

/** Others work on the same store: what was there a moment ago may be gone, or in use. */
function forgive(error: unknown): void {
  const others = ['IMAGE_UNKNOWN', 'LAYER_UNKNOWN', 'CONTAINER_UNKNOWN', 'IMAGE_IN_USE', 'LAYER_DAMAGED'] as const
  if (!isStorageError(error, ...others)) throw error
}

process.stdout.write('up\n')
await once(process.stdin, 'data')
for (;;) await (pick(Object.values(work)) ?? (async () => {}))().catch(forgive)
