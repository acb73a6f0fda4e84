import * as fs from 'node:fs'
import { join } from 'node:path'
import { busyboxTar, mountsBelow, output, type PeerPodman, peerPodman, plainEnvironment } from '@libpod/test-kit'
import test from 'ava'
import { chainId, type Digest, openStore, type Store, type StoreOptions } from '../src/index.ts'
import { addImage, sha256 } from './support/image.ts'
import { collect } from './support/layers.ts'
import { type TempStore, tempStore } from './support/temp-store.ts'

function peerOf(t: Parameters<typeof peerPodman>[0], { options }: TempStore): Promise<PeerPodman> {
  return peerPodman(t, { graphRoot: options.graphRoot, runRoot: options.runRoot, driver: options.driver ?? 'overlay' })
}

/** Buildah and Skopeo on the same store. */
const storeName = ({ graphRoot, runRoot, driver }: StoreOptions): string => `[${driver}@${graphRoot}+${runRoot}]`
const buildah = (options: StoreOptions, ...args: string[]): Promise<string> =>
  output(
    'buildah',
    ['--root', options.graphRoot, '--runroot', options.runRoot, '--storage-driver', options.driver ?? '', ...args],
    {
      env: plainEnvironment,
    },
  )

for (const driver of ['overlay', 'vfs'] as const) {
  test(`${driver}: the real tools list, run, build on, copy and remove what we wrote`, async t => {
    const temp = await tempStore(t, { driver })
    const { store, directory, options } = temp
    const image = await addImage(store, directory, 'localhost/ours:latest')
    const peer = await peerOf(t, temp)
    t.is((await peer.output(['images', '--no-trunc', '--quiet', 'ours'])).trim(), `sha256:${image.id}`)
    t.is(await peer.output(['run', '--rm', '--network', 'none', 'ours', 'cat', '/etc/added']), 'two\n')
    await output('skopeo', [
      '--insecure-policy',
      'copy',
      '--quiet',
      `containers-storage:${storeName(options)}localhost/ours:latest`,
      `dir:${directory}/copied`,
    ])
    for (const layer of (await store.layers.list()).filter(each => each.diffId)) {
      t.true(fs.existsSync(join(directory, 'copied', (layer.diffId ?? '').slice(7))))
    }
    const made = (await buildah(options, 'from', '--name', 'work', 'localhost/ours')).trim()
    t.is(made, 'work')
    const found = await store.containers.get('work')
    t.is(found?.image, image.id)
    t.is((await store.containers.list()).length, 1)
    await buildah(options, 'config', '--label', 'a=b', 'work')
    await buildah(options, 'commit', '--quiet', 'work', 'localhost/built')
    const built = await store.images.get('localhost/built:latest')
    t.truthy(built?.layer)
    t.deepEqual((await store.containers.get('work'))?.names, ['work'])
    await buildah(options, 'rm', 'work')
    await peer.output(['rmi', '--all', '--force'])
    t.deepEqual([await store.images.list(), await store.layers.list(), await store.containers.list()], [[], [], []])
    const left = fs
      .readdirSync(join(options.graphRoot, driver === 'vfs' ? 'vfs/dir' : 'overlay'))
      .filter(name => /^[0-9a-f]{64}$/.test(name))
    t.deepEqual(left, [])
  })

  test(`${driver}: we read, mount, export and remove what Podman wrote`, async t => {
    const temp = await tempStore(t, { driver })
    const { store, directory, options } = temp
    const peer = await peerOf(t, temp)
    const tar = await busyboxTar(directory)
    await peer.output(['import', tar, 'localhost/theirs'])
    await peer.output(['create', '--name', 'c1', '--network', 'none', 'localhost/theirs', 'true'])
    const image = await store.images.get('localhost/theirs:latest')
    const layer = await store.layers.get(image?.layer ?? '')
    t.is(layer?.diffId, sha256(await collect(store.layers.diff(layer?.id ?? ''))))
    t.deepEqual(await store.images.byDigest(image?.digest ?? ('' as Digest)), [image])
    t.true(((await store.images.size(image?.id ?? '')) ?? 0) > 1_000_000)
    const container = await store.containers.get('c1')
    t.is(container?.image, image?.id)
    const path = await store.containers.mount('c1')
    t.true(fs.existsSync(join(path, 'bin/busybox')))
    fs.writeFileSync(join(path, 'written'), 'by us')
    t.true((await peer.output(['mount'])).includes(path))
    await store.containers.unmount('c1')
    t.regex(await peer.output(['diff', 'c1']), /A \/written/)
    t.true((await Array.fromAsync(store.layers.changes(container?.layer ?? ''))).some(each => each.path === '/written'))
    await t.throwsAsync(store.images.remove(image?.id ?? ''), { code: 'IMAGE_IN_USE' })
    await peer.output(['rm', 'c1'])
    t.deepEqual(await store.images.remove(image?.id ?? ''), [layer?.id ?? ''])
    t.is((await peer.output(['images', '--quiet', '--all'])).trim(), '')
    await store.close()
    t.deepEqual(await mountsBelow(options.graphRoot), [])
  })
}

test('counts of one mount are shared: whoever comes last unmounts', async t => {
  const temp = await tempStore(t)
  const { store, directory } = temp
  await addImage(store, directory, 'localhost/shared:latest')
  const peer = await peerOf(t, temp)
  await peer.output(['create', '--name', 'c1', '--network', 'none', 'localhost/shared', 'true'])
  const layer = (await store.containers.get('c1'))?.layer ?? ''
  const path = await store.containers.mount('c1')
  await peer.output(['mount', 'c1'])
  t.is(await store.layers.mountCount(layer), 2)
  await store.containers.unmount('c1')
  t.true(fs.existsSync(join(path, 'bin')))
  await peer.output(['umount', 'c1'])
  t.is(await store.layers.mountCount(layer), 0)
  t.false(fs.existsSync(join(path, 'bin')))
})

test('four writers at once, two of them Podman: nothing is lost', async t => {
  const temp = await tempStore(t)
  const { store, directory, options } = temp
  const image = await addImage(store, directory, 'localhost/busy:latest')
  // Podman 4 reads the names of an image before it locks: two taggers of one image lose names, whoever they are.
  const theirImages = {
    y: await addImage(store, join(directory, 'y'), 'localhost/y:latest'),
    z: await addImage(store, join(directory, 'z'), 'localhost/z:latest'),
  }
  const peer = await peerOf(t, temp)
  const other = await openStore(options)
  const ours = async (which: Store, tag: string): Promise<void> => {
    for (let round = 0; round < 10; round++) {
      const container = await which.containers.create({ image: image.id, names: [`${tag}${round}`] })
      fs.writeFileSync(join(await which.containers.mount(container.id), 'x'), tag)
      await which.containers.unmount(container.id)
      await which.images.addNames(image.id, [`localhost/${tag}:${round}`])
      if (round % 2 === 0) await which.containers.remove(container.id)
    }
  }
  // Podman up to 4.3 takes a name that it is to remove for the beginning of a layer's id first, and removes the
  // container of that layer when it is not its own: no name here may be hexadecimal.
  const theirs = async (tag: 'y' | 'z'): Promise<void> => {
    for (let round = 0; round < 6; round++) {
      await peer.output(['create', '--name', `${tag}${round}`, '--network', 'none', 'localhost/busy', 'true'])
      await peer.output(['tag', `localhost/${tag}`, `localhost/${tag}:${round}`])
      if (round % 2 === 0) await peer.output(['rm', `${tag}${round}`])
    }
  }
  await Promise.all([ours(store, 'a'), ours(other, 'b'), theirs('y'), theirs('z')])
  await other.close()
  t.is((await store.containers.list()).length, 5 + 5 + 3 + 3)
  t.is((await store.images.get(image.id))?.names.length, 1 + 10 + 10)
  for (const { id } of Object.values(theirImages)) t.is((await store.images.get(id))?.names.length, 1 + 6)
  const layers = new Set((await store.layers.list()).map(each => each.id))
  for (const container of await store.containers.list()) t.true(layers.has(container.layer))
  t.is(layers.size, 2 + 16)
})

test('a layer that a dead process left half made is gone after our next change, and after Podman’s', async t => {
  const temp = await tempStore(t)
  const { store, options, directory } = temp
  await addImage(store, directory, 'localhost/whole:latest')
  const file = join(options.graphRoot, 'overlay-layers/layers.json')
  const plant = (id: string): void => {
    const records = JSON.parse(fs.readFileSync(file, 'utf8'))
    records.push({ id, created: new Date().toISOString(), flags: { incomplete: true } })
    fs.writeFileSync(file, JSON.stringify(records))
    fs.mkdirSync(join(options.graphRoot, 'overlay', id, 'diff'), { recursive: true })
  }
  plant('a'.repeat(64))
  t.is((await store.layers.list()).length, 2)
  const made = await store.layers.create({})
  t.false(fs.existsSync(join(options.graphRoot, 'overlay', 'a'.repeat(64))))
  await store.layers.remove(made.id)
  plant('b'.repeat(64))
  const peer = await peerOf(t, temp)
  await peer.output(['images'])
  t.false(fs.existsSync(join(options.graphRoot, 'overlay', 'b'.repeat(64))))
  t.is(chainId(undefined, sha256(Buffer.alloc(0))).length, 64)
})
