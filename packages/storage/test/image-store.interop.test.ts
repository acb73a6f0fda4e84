import * as fs from 'node:fs'
import { join } from 'node:path'
import { busyboxTar, output, peerPodman, plainEnvironment } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { checkStore, repairStore, type StoreOptions } from '../src/index.ts'
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
    // Podman 5 looks for an image's mount below the run root, since many stores may share the images.
    const layer = image.layer ?? ''
    const shown = await store.layers.mount(layer, { access: 'read-only' })
    t.is(shown, driver === 'vfs' ? join(imageStore, home, layer) : join(options.runRoot, home, layer, 'merged'))
    t.is(fs.readFileSync(join(shown, 'etc/added'), 'utf8'), 'two\n')
    await store.layers.unmount(layer)
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

/** A store of images that we fill, and options for the real tools to work on another store with that one beside it. */
async function filled(t: ExecutionContext, changes: Partial<StoreOptions> = {}) {
  const ours = await tempStore(t, changes)
  const image = await addImage(ours.store, ours.directory, 'localhost/shared:1')
  const theirs = await tempStore(t)
  const { graphRoot, runRoot } = theirs.options
  const peer = await peerPodman(t, { graphRoot, runRoot })
  const from = ours.options.imageStore ?? ours.options.graphRoot
  const globals = ['--root', graphRoot, '--runroot', runRoot, '--storage-driver', 'overlay']
  return { ours, theirs, image, peer, globals, from }
}

for (const [name, { option, apart }] of Object.entries({
  'an additional image store': { option: 'overlay.additionalimagestore', apart: 'no' },
  // The installed versions read a separate image store only; writing one is newer than they are.
  'a separate image store': { option: 'overlay.imagestore', apart: 'yes' },
} as const)) {
  test(`${name} of ours: Podman, Buildah and Skopeo list, run, build from and read its images, and leave it as it is`, async t => {
    const { directory } = await tempStore(t)
    const { ours, theirs, image, peer, globals, from } = await filled(
      t,
      apart === 'yes' ? { imageStore: join(directory, 'images') } : {},
    )
    const beside = ['--storage-opt', `${option}=${from}`]
    const records = () =>
      ['images', 'layers'].map(kind => fs.readFileSync(join(from, `overlay-${kind}/${kind}.json`), 'utf8'))
    const before = records()
    t.is(
      (await peer.output([...beside, 'images', '--no-trunc', '--format', '{{.Id}} {{.ReadOnly}}'])).trim(),
      `${image.id} true`,
    )
    const run = ['run', '--rm', '--network', 'none', 'localhost/shared:1', 'cat', '/etc/added']
    t.is(await peer.output([...beside, ...run]), 'two\n')
    const buildah = [...globals, ...beside]
    const container = (await output('buildah', [...buildah, 'from', 'localhost/shared:1'])).trim()
    await output('buildah', [...buildah, 'config', '--label', 'made=there', container])
    await output('buildah', [...buildah, 'commit', '--quiet', container, 'localhost/built:1'])
    await output('buildah', [...buildah, 'rm', container])
    const [root, run_] = [theirs.options.graphRoot, theirs.options.runRoot]
    const place = `containers-storage:[overlay@${root}+${run_}:${option}=${from}]localhost/shared:1`
    t.is(JSON.parse(await output('skopeo', ['inspect', '--config', place])).rootfs.diff_ids.length, 2)
    t.deepEqual(records(), before)
    t.deepEqual(await checkStore(ours.store), [])

    // Ours on both stores sees what Buildah made of ours.
    const both = await tempStore(t, { ...theirs.options, additionalImageStores: [from] })
    const built = await both.store.images.get('localhost/built:1')
    t.is(built?.readOnly, 'no')
    const made = await both.store.containers.create({ image: built?.id ?? '' })
    t.is(fs.readFileSync(join(await both.store.containers.mount(made.id), 'etc/added'), 'utf8'), 'two\n')
    await both.store.containers.unmount(made.id)
    await both.store.containers.remove(made.id)
    t.deepEqual(await checkStore(both.store), [])
  })
}

test('a transient store: images are everybody’s, its containers lie below the run root and do not trouble older tools', async t => {
  const { store, options, directory } = await tempStore(t, { transient: 'yes' })
  const image = await addImage(store, directory, 'localhost/shared:1')
  const container = await store.containers.create({ image: image.id, names: ['fleeting'] })
  const read = (path: string): readonly { readonly id: string }[] => JSON.parse(fs.readFileSync(path, 'utf8'))
  t.deepEqual(
    [
      read(join(options.runRoot, 'overlay-containers/volatile-containers.json')).map(each => each.id),
      read(join(options.runRoot, 'overlay-layers/volatile-layers.json')).map(each => each.id),
    ],
    [[container.id], [container.layer]],
  )
  t.false(fs.existsSync(join(options.graphRoot, 'overlay-containers/containers.json')))
  t.is(read(join(options.graphRoot, 'overlay-layers/layers.json')).length, 2)

  // The installed versions are older than transient stores: theirs is a lasting one on the same roots.
  const peer = await peerPodman(t, { graphRoot: options.graphRoot, runRoot: options.runRoot })
  t.is((await peer.output(['images', '--no-trunc', '--quiet'])).trim(), `sha256:${image.id}`)
  t.is(await peer.output(['run', '--rm', '--network', 'none', image.id, 'cat', '/etc/added']), 'two\n')
  const path = await store.containers.mount(container.id)
  t.is(fs.readFileSync(join(path, 'etc/added'), 'utf8'), 'two\n')
  await store.containers.unmount(container.id)
  t.deepEqual(await checkStore(store), [])

  // After a boot the run root is another: the containers are gone, the image stays.
  const booted = await tempStore(t, { ...options, runRoot: join(directory, 'booted') })
  t.deepEqual(await booted.store.containers.list(), [])
  t.is((await booted.store.images.get('localhost/shared:1'))?.id, image.id)
  await repairStore(booted.store, await checkStore(booted.store))
  t.deepEqual(await checkStore(booted.store), [])
  t.false(fs.existsSync(join(options.graphRoot, 'overlay', container.layer)))
})
