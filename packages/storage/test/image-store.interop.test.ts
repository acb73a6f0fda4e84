import * as fs from 'node:fs'
import { join } from 'node:path'
import { busyboxTar, output, peerPodman, plainEnvironment } from '@libpod/test-kit'
import test from 'ava'
import { checkStore } from '../src/index.ts'
import { addImage } from './support/image.ts'
import { tempStore } from './support/temp-store.ts'

for (const driver of ['overlay', 'vfs'] as const) {
  test(`${driver}: images live in a store of their own, containers in the graph root`, async t => {
    const first = await tempStore(t)
    const imageStore = join(first.directory, 'images')
    const { store, options, directory } = await tempStore(t, { driver, imageStore })
    const image = await addImage(store, directory, 'localhost/apart:latest')
    const ids = (root: string, path: string) =>
      fs.existsSync(join(root, path))
        ? fs.readdirSync(join(root, path)).filter(name => /^[0-9a-f]{64}$/.test(name))
        : []
    const home = driver === 'vfs' ? 'vfs/dir' : 'overlay'
    t.is(ids(imageStore, home).length, 2)
    t.deepEqual(ids(options.graphRoot, home), [])
    t.is(JSON.parse(fs.readFileSync(join(imageStore, `${driver}-layers/layers.json`), 'utf8')).length, 2)
    const container = await store.containers.create({ image: image.id })
    const path = await store.containers.mount(container.id)
    t.true(path.startsWith(options.graphRoot))
    t.is(fs.readFileSync(join(path, 'etc/added'), 'utf8'), 'two\n')
    fs.writeFileSync(join(path, 'written'), '')
    t.deepEqual(
      (await Array.fromAsync(store.layers.changes(container.layer))).map(each => each.path),
      ['/written'],
    )
    await store.containers.unmount(container.id)
    t.deepEqual(ids(options.graphRoot, home), [container.layer])
    t.deepEqual(await checkStore(store), [])
    await store.containers.remove(container.id)
    await store.images.remove(image.id)
    t.deepEqual([ids(imageStore, home), ids(options.graphRoot, home)], [[], []])
    t.deepEqual(await checkStore(store), [])
  })
}

test('a store of images that the real tools fill is read through, and what they do not know is copied up', async t => {
  const theirs = await tempStore(t)
  const peer = await peerPodman(t, { graphRoot: theirs.options.graphRoot, runRoot: theirs.options.runRoot })
  await peer.output(['import', await busyboxTar(theirs.directory), 'localhost/shared:1'])
  const own = await tempStore(t, { additionalImageStores: [theirs.options.graphRoot] })
  const image = await own.store.images.get('localhost/shared:1')
  t.is(image?.readOnly, 'yes')
  await own.store.images.addNames(image?.id ?? '', ['localhost/mine:1'])
  const { graphRoot, runRoot } = own.options
  const globals = ['--root', graphRoot, '--runroot', runRoot, '--storage-driver', 'overlay']
  const additional = ['--storage-opt', `additionalimagestore=${theirs.options.graphRoot}`]
  const listed = await output('buildah', [...globals, ...additional, 'images', '--format', '{{.Name}}'], {
    env: plainEnvironment,
  })
  t.true(listed.includes('localhost/mine'))
  t.deepEqual(await checkStore(own.store), [])
})
