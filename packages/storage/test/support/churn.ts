import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadStoreOptions, openStore } from '../../src/index.ts'
import { evilTar } from './evil-tar.ts'
import { addLayer, inPieces } from './layers.ts'

/** Works on a store for ever, doing everything that changes one; to be killed. */

const [graphRoot = '', runRoot = '', base = ''] = process.argv.slice(2)
const store = await openStore(loadStoreOptions({ graphRoot, runRoot, driver: 'overlay', sync: 'none' }, {}))
process.stdout.write('up\n')

for (let round = 0; ; round++) {
  const data = `${process.pid} ${round} ${readFileSync('/proc/uptime', 'utf8')}`
  const files = Array.from({ length: 50 }, (_, n) => ({ name: `f${n}`, data: data.repeat(1 + n) }))
  const { layer } = await addLayer(store, inPieces(evilTar(files)), base)
  const image = await store.images.create({ layer: layer.id, bigData: [{ key: 'manifest', data: Buffer.from(data) }] })
  await store.images.addNames(image.id, ['localhost/churn:latest', `localhost/churn:${round % 3}`])
  const container = await store.containers.create({ image: image.id })
  writeFileSync(join(await store.containers.mount(container.id), 'x'), data)
  await store.containers.unmount(container.id)
  await store.containers.remove(container.id)
  await store.images.remove(image.id)
}
