import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { mountsBelow, peerPodman } from '@libpod/test-kit'
import test from 'ava'
import { checkStore, isStorageError, openStore, repairStore, type StoreOptions } from '../src/index.ts'
import { evilTar } from './support/evil-tar.ts'
import { addLayer, collect, inPieces } from './support/layers.ts'
import { tempStore } from './support/temp-store.ts'

const moments = 20

/** Starts a worker on the store and kills it at a random moment. */
async function killedAtRandom(options: StoreOptions, base: string): Promise<void> {
  const script = join(import.meta.dirname, 'support/churn.ts')
  const flags = ['--conditions=development', '--disable-warning=ExperimentalWarning']
  const child = spawn(process.execPath, [...flags, script, options.graphRoot, options.runRoot, base], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  await Promise.race([once(child.stdout, 'data'), exited])
  await pause(5 + Math.random() * 150)
  child.kill('SIGKILL')
  await exited
}

test('killed at any moment, the next change finds a store it can use, and repair leaves nothing behind', async t => {
  const { store, options } = await tempStore(t)
  const whole = evilTar([{ name: 'kept', data: 'kept' }])
  const { layer } = await addLayer(store, inPieces(whole))
  const image = await store.images.create({ layer: layer.id, names: ['localhost/kept:1'] })
  for (let moment = 0; moment < moments; moment++) {
    await killedAtRandom(options, layer.id)
    const container = await store.containers.create({ image: image.id })
    t.true(fs.existsSync(join(await store.containers.mount(container.id), 'kept')))
    await store.containers.unmount(container.id)
    await store.containers.remove(container.id)
    t.true((await collect(store.layers.diff(layer.id))).equals(whole))
    const problems = await checkStore(store)
    t.true(problems.every(each => each.subject !== layer.id && each.subject !== image.id))
    const left = await repairStore(store, problems, { images: 'remove', containers: 'remove' })
    t.deepEqual(left, [], JSON.stringify(problems))
  }
  // One that was complete when its maker died is nobody's damage; it can be removed like any other.
  for (const { id } of await store.containers.list()) await store.containers.remove(id)
  const peer = await peerPodman(t, { graphRoot: options.graphRoot, runRoot: options.runRoot })
  t.is(await peer.output(['ps', '--all', '--external', '--quiet']), '')
  await store.close()
  t.deepEqual(
    (await mountsBelow(options.graphRoot)).filter(
      path => !path.endsWith('/merged') && path !== join(options.graphRoot, 'overlay'),
    ),
    [],
  )
})

const root = process.getuid?.() === 0
if (!root) console.warn('skipped: a full disk needs a tmpfs of its own')

;(root ? test : test.skip)(
  'on a full disk: a layer is refused with its reason, and everything can be removed',
  async t => {
    const { mount, umount, MNT_DETACH } = await import('@libpod/syscall')
    const { directory, options } = await tempStore(t)
    const disk = join(directory, 'disk')
    fs.mkdirSync(disk)
    mount('tmpfs', disk, 'tmpfs', 0, 'size=3m')
    t.teardown(() => umount(disk, MNT_DETACH))
    const store = await openStore({ ...options, graphRoot: join(disk, 'root'), driver: 'vfs' })
    const { layer } = await addLayer(store, inPieces(evilTar([{ name: 'file', data: Buffer.alloc(500_000, 1) }])))
    const image = await store.images.create({ layer: layer.id, names: ['localhost/full:1'] })
    const container = await store.containers.create({ image: image.id })
    const large = evilTar([{ name: 'large', data: Buffer.alloc(8_000_000, 2) }])
    const error = await t.throwsAsync(addLayer(store, inPieces(large), layer.id))
    t.true(isStorageError(error, 'NO_SPACE'), String(error))
    t.is((await store.layers.list()).length, 2)
    fill(join(disk, 'filler'))
    await store.containers.remove(container.id)
    await store.images.remove(image.id)
    t.deepEqual([await store.layers.list(), await store.images.list(), await store.containers.list()], [[], [], []])
    fs.rmSync(join(disk, 'filler'))
    t.deepEqual(await checkStore(store), [])
  },
)

/** Takes every byte that is left. */
function fill(path: string): void {
  const fd = fs.openSync(path, 'w')
  try {
    for (const size of [65_536, 4096, 512]) while (take(fd, size));
  } finally {
    fs.closeSync(fd)
  }
}

function take(fd: number, size: number): boolean {
  try {
    return fs.writeSync(fd, Buffer.alloc(size, 1)) === size
  } catch {
    return false
  }
}
