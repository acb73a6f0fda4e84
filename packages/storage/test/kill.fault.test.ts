import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { busyboxTar, mountsBelow, peerPodman } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { checkStore, openStore, repairStore, type StoreOptions } from '../src/index.ts'
import { evilTar } from './support/evil-tar.ts'
import { addImage } from './support/image.ts'
import { collect } from './support/layers.ts'
import { tempStore } from './support/temp-store.ts'

const moments = { alone: 120, beside: 80 } as const
const atOnce = 4

interface Kept {
  readonly options: StoreOptions
  readonly image: string
  readonly layer: string
  readonly archive: string
}

async function prepare(t: ExecutionContext): Promise<Kept> {
  const { store, options, directory } = await tempStore(t)
  await busyboxTar(join(directory, 'bb'))
  const image = await addImage(store, join(directory, 'image'), 'localhost/kept:1')
  const archive = join(directory, 'archive.tar')
  fs.writeFileSync(
    archive,
    evilTar(Array.from({ length: 60 }, (_, n) => ({ name: `load/${n}`, data: 'x'.repeat(n * 99) }))),
  )
  return { options, image: image.id, layer: image.layer ?? '', archive }
}

/** A worker that is up and waits for its start. */
async function worker(t: ExecutionContext, { options, image, archive }: Kept): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'support/churn.ts')
  const flags = ['--conditions=development', '--disable-warning=ExperimentalWarning']
  const child = spawn(process.execPath, [...flags, script, options.graphRoot, options.runRoot, image, archive], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', piece => (said += piece))
  child.stdin?.on('error', () => {})
  t.teardown(() => void child.kill('SIGKILL'))
  child.on('exit', code => {
    if (code !== null) t.fail(`a worker ended by itself: ${said}`)
  })
  await once(child.stdout ?? child, 'data')
  return child
}

const start = (child: ChildProcess): void => void child.stdin?.write('go\n')

async function killAfter(child: ChildProcess, milliseconds: number): Promise<void> {
  const exited = once(child, 'exit')
  await pause(milliseconds)
  child.kill('SIGKILL')
  await exited
}

/** What commands started now would do, with nothing kept from before: run, tag, the beginning of a pull, push. */
async function nextCommand(t: ExecutionContext, { options, image, layer }: Kept): Promise<void> {
  const store = await openStore(options)
  const container = await store.containers.create({ image })
  t.true(fs.existsSync(join(await store.containers.mount(container.id), 'etc/added')))
  await store.containers.unmount(container.id)
  await store.containers.remove(container.id)
  await store.images.addNames(image, ['localhost/kept:1'])
  // As every pull begins.
  await using _staged = await store.layers.stage()
  t.true((await collect(store.layers.diff(layer))).length > 0)
}

async function isClean(t: ExecutionContext, { options }: Kept): Promise<void> {
  const store = await openStore(options)
  t.deepEqual(await checkStore(store), [])
}

/** Removes what the workers made, with nothing left over. */
async function clearUp(t: ExecutionContext, { options, image }: Kept): Promise<void> {
  const store = await openStore(options)
  for (const { id } of await store.containers.list()) await store.containers.remove(id)
  for (const { id } of await store.images.list()) if (id !== image) await store.images.remove(id)
  // Layers whose image was never recorded belong to nobody: the only thing that a kill may leave.
  const unreferenced = await checkStore(store, { unreferencedFor: 0 })
  t.true(
    unreferenced.every(each => each.kind === 'layer-unreferenced'),
    JSON.stringify(unreferenced),
  )
  t.deepEqual(await repairStore(store, unreferenced, { unreferencedFor: 0 }), [])
  const whole = new Set((await store.layers.list()).map(each => each.id))
  const ids = (path: string) =>
    fs.readdirSync(join(options.graphRoot, path)).filter(name => /^[0-9a-f]{64}$/.test(name))
  t.deepEqual(ids('overlay').sort(), [...whole].sort())
  t.is(fs.readdirSync(join(options.graphRoot, 'overlay/l')).length, whole.size)
  t.deepEqual(ids('overlay-containers'), [])
  t.deepEqual(ids('overlay-images'), [image])
  t.deepEqual(fs.readdirSync(join(options.graphRoot, 'overlay-layers/tmp')), [])
  t.deepEqual(fs.readdirSync(join(options.graphRoot, 'overlay/tempdirs')), [])
  await store.close()
  const merged = (await mountsBelow(options.graphRoot)).filter(path => path.endsWith('/merged'))
  t.deepEqual(merged, [])
}

test.serial(
  `killed at ${moments.alone} moments of all that changes a store: the next command works, check is clean`,
  async t => {
    t.timeout(600_000)
    const kept = await prepare(t)
    let next = worker(t, kept)
    for (let moment = 1; moment <= moments.alone; moment++) {
      const child = await next
      if (moment < moments.alone) next = worker(t, kept)
      start(child)
      await killAfter(child, 1 + Math.random() * 70)
      await nextCommand(t, kept)
      await isClean(t, kept)
    }
    await clearUp(t, kept)
  },
)

test.serial(
  `killed at ${moments.beside} moments, ${atOnce} at a time and beside Podman and Buildah: no different`,
  async t => {
    t.timeout(600_000)
    const kept = await prepare(t)
    const peer = await peerPodman(t, { graphRoot: kept.options.graphRoot, runRoot: kept.options.runRoot })
    for (let batch = 0; batch < moments.beside / atOnce; batch++) {
      const children = await Promise.all(Array.from({ length: atOnce }, () => worker(t, kept)))
      children.forEach(start)
      const theirs = realWork(peer, batch)
      for (const child of children) {
        await killAfter(child, 1 + Math.random() * 70)
        await nextCommand(t, kept)
      }
      await theirs
      await nextCommand(t, kept)
      await isClean(t, kept)
    }
    t.is(await peer.output(['run', '--rm', '--network', 'none', 'localhost/kept:1', 'cat', '/etc/added']), 'two\n')
    await peer.output(['rmi', '--force', 'localhost/theirs:latest'])
    await clearUp(t, kept)
  },
)

/** The real tools, which must not notice anything. */
async function realWork(peer: Awaited<ReturnType<typeof peerPodman>>, batch: number): Promise<void> {
  await peer.output(['run', '--rm', '--network', 'none', 'localhost/kept:1', 'true'])
  await peer.output(['create', '--name', `theirs${batch}`, '--network', 'none', 'localhost/kept:1', 'true'])
  await peer.output(['commit', '--quiet', `theirs${batch}`, 'localhost/theirs:latest'])
  await peer.output(['rm', `theirs${batch}`])
}
