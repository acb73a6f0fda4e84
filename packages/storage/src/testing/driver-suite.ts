import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { lgetxattr, lsetxattr, lutimesNs } from '@libpod/syscall'
import { chainId } from '../layers/chain-id.ts'
import type { Store } from '../store.ts'
import { endOfArchive, entryHeader, padding } from '../tar/write.ts'

/** What the suite needs of a test runner: AVA's `test` fits. */
export type SuiteTest = (title: string, work: (assert: SuiteAssert) => Promise<void>) => void

export interface SuiteAssert {
  is(actual: unknown, expected: unknown): unknown
  deepEqual(actual: unknown, expected: unknown): unknown
  true(actual: boolean): unknown
  teardown(cleanup: () => Promise<void>): void
}

/**
 * What every driver promises, as tests over a store that uses it. `open` makes a fresh store for each. Every test cleans
 * up through the store alone.
 */
export function driverSuite(test: SuiteTest, name: string, open: (assert: SuiteAssert) => Promise<Store>): void {
  const promise = (title: string, work: (assert: SuiteAssert, store: Store) => Promise<void>): void =>
    test(`${name}: ${title}`, async assert => await work(assert, await open(assert)))

  promise('a stack of layers shows the topmost of each file', showsTopmost)
  promise('deleted files and replaced directories stay away', hidesDeleted)
  promise('a container changes its own layer only', keepsLayersApart)
  promise('the tar of an image layer is the one it was made of', givesBackTars)
  promise('the tar of a container layer makes the same tree elsewhere', commitsContainers)
  promise('changes are told as added, modified and deleted', tellsChanges)
  promise('mounts are counted', countsMounts)
  promise('what is removed leaves nothing behind', removesEverything)
  promise('what is removed while mounted leaves nothing behind', removesMounted)
  promise('a file of which only the mode changed is whole in the tar', commitsModes)
  promise('a renamed directory is whole in the tar, and gone where it was', commitsRenamed)
  promise('links, attributes, times and names of any bytes go through a container', commitsOddities)
  promise('a directory made anew hides the old one in the tar too', commitsOpaque)
  promise('a layer applied twice is one layer', appliesOnce)
  promise('a layer that is not committed never was', forgetsUncommitted)
  promise('a layer whose content is lost is told of, and comes back for what stands on it', bringsBack)
  promise('a stack of sixty layers is mounted', mountsDeep)
}

type Files = Readonly<Record<string, string>>

/** A tar of small files; a name that ends in `/` is a directory. */
export function tarOf(files: Files): Buffer {
  const none = {
    linkName: '',
    mode: 0o755,
    uid: 0,
    gid: 0,
    mtimeNs: 1_500_000_000_000_000_000n,
    devMajor: 0,
    devMinor: 0,
  }
  const entries = Object.entries(files).map(([name, text]) => {
    const data = Buffer.from(text)
    const kind = name.endsWith('/') ? 'directory' : 'file'
    return Buffer.concat([
      entryHeader({ ...none, kind, name, size: data.length, xattrs: new Map() }),
      data,
      padding(data.length),
    ])
  })
  return Buffer.concat([...entries, endOfArchive])
}

async function addLayer(store: Store, tar: Uint8Array, parent?: string): Promise<string> {
  await using staged = await store.layers.stage()
  const { diffId } = await staged.apply(once(tar))
  const { id } = await staged.commit({ id: chainId(parent, diffId), ...(parent && { parent }) })
  return id
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(bytes))
}

const lower = tarOf({ 'etc/': '', 'etc/a': 'lower a', 'etc/b': 'lower b', 'dir/': '', 'dir/old': 'old', keep: 'kept' })
const upper = tarOf({ 'etc/a': 'upper a', 'etc/.wh.b': '', 'dir/': '', 'dir/.wh..wh..opq': '', 'dir/new': 'new' })

async function stack(store: Store): Promise<string> {
  return await addLayer(store, upper, await addLayer(store, lower))
}

async function withContainer(
  store: Store,
  image: string,
  work: (path: string, layer: string) => Promise<void>,
): Promise<void> {
  const { id } = await store.images.create({ layer: image })
  const container = await store.containers.create({ image: id })
  await work(await store.containers.mount(container.id), container.layer)
  await store.containers.unmount(container.id)
  await store.containers.remove(container.id)
  await store.images.remove(id)
}

async function showsTopmost(assert: SuiteAssert, store: Store): Promise<void> {
  await withContainer(store, await stack(store), async path => {
    assert.is(readFileSync(join(path, 'etc/a'), 'utf8'), 'upper a')
    assert.is(readFileSync(join(path, 'keep'), 'utf8'), 'kept')
  })
}

async function hidesDeleted(assert: SuiteAssert, store: Store): Promise<void> {
  await withContainer(store, await stack(store), async path => {
    assert.deepEqual(readdirSync(join(path, 'etc')), ['a'])
    assert.deepEqual(readdirSync(join(path, 'dir')), ['new'])
  })
}

async function keepsLayersApart(assert: SuiteAssert, store: Store): Promise<void> {
  const image = await stack(store)
  await withContainer(store, image, async path => {
    writeFileSync(join(path, 'etc/a'), 'changed')
    rmSync(join(path, 'keep'))
    const second = await store.containers.create({ image: (await store.images.byTopLayer(image))[0]?.id ?? '' })
    const other = await store.containers.mount(second.id)
    assert.is(readFileSync(join(other, 'etc/a'), 'utf8'), 'upper a')
    assert.true(existsSync(join(other, 'keep')))
    await store.containers.unmount(second.id)
    await store.containers.remove(second.id)
  })
}

async function givesBackTars(assert: SuiteAssert, store: Store): Promise<void> {
  const base = await addLayer(store, lower)
  const top = await addLayer(store, upper, base)
  assert.is((await collect(store.layers.diff(base))).compare(lower), 0)
  assert.is((await collect(store.layers.diff(top))).compare(upper), 0)
}

async function commitsContainers(assert: SuiteAssert, store: Store): Promise<void> {
  const image = await stack(store)
  await withContainer(store, image, async (path, layer) => {
    mkdirSync(join(path, 'made/deep'), { recursive: true })
    writeFileSync(join(path, 'made/deep/file'), 'made')
    rmSync(join(path, 'etc'), { recursive: true })
    mkdirSync(join(path, 'etc'))
    writeFileSync(join(path, 'etc/only'), 'only')
    rmSync(join(path, 'keep'))
    const committed = await addLayer(store, await collect(store.layers.diff(layer)), image)
    const shown = await store.layers.mount(committed, { access: 'read-only' })
    assert.deepEqual(readdirSync(shown).sort(), readdirSync(path).sort())
    assert.deepEqual(readdirSync(join(shown, 'etc')), ['only'])
    assert.is(readFileSync(join(shown, 'made/deep/file'), 'utf8'), 'made')
    await store.layers.unmount(committed)
    await store.layers.remove(committed)
  })
}

async function tellsChanges(assert: SuiteAssert, store: Store): Promise<void> {
  await withContainer(store, await stack(store), async (path, layer) => {
    writeFileSync(join(path, 'etc/a'), 'other text')
    writeFileSync(join(path, 'etc/added'), '')
    rmSync(join(path, 'keep'))
    const told = await Array.fromAsync(store.layers.changes(layer), each => `${each.kind} ${each.path}`)
    assert.deepEqual(told.sort(), ['added /etc/added', 'deleted /keep', 'modified /etc', 'modified /etc/a'])
  })
}

async function countsMounts(assert: SuiteAssert, store: Store): Promise<void> {
  const layer = await stack(store)
  const first = await store.layers.mount(layer)
  assert.is(await store.layers.mount(layer), first)
  assert.is(await store.layers.mountCount(layer), 2)
  await store.layers.unmount(layer)
  assert.true(existsSync(join(first, 'keep')))
  await store.layers.unmount(layer, 'force')
  assert.is(await store.layers.mountCount(layer), 0)
}

async function removesMounted(assert: SuiteAssert, store: Store): Promise<void> {
  const image = await store.images.create({ layer: await stack(store) })
  const container = await store.containers.create({ image: image.id })
  const path = await store.containers.mount(container.id)
  await store.containers.mount(container.id)
  writeFileSync(join(path, 'written'), '')
  await store.containers.remove(container.id)
  assert.true(!existsSync(path))
  await store.images.remove(image.id)
  assert.deepEqual(await store.layers.list(), [])
}

/** What a container did, as a layer of its own on the same image: the path where it is shown, and its tar. */
async function throughContainer(
  assert: SuiteAssert,
  store: Store,
  act: (path: string) => void,
): Promise<{ readonly shown: string; readonly tar: string }> {
  const image = await stack(store)
  let tar: Buffer = Buffer.alloc(0)
  await withContainer(store, image, async (path, layer) => {
    act(path)
    tar = await collect(store.layers.diff(layer))
    const committed = await addLayer(store, tar, image)
    const kept = await store.images.create({ layer: committed })
    const container = await store.containers.create({ image: kept.id, names: ['shows'] })
    assert.is(container.image, kept.id)
  })
  assert.teardown(async () => {
    await store.containers.unmount('shows')
    await store.containers.remove('shows')
  })
  return { shown: await store.containers.mount('shows'), tar: tar.toString('latin1') }
}

async function commitsModes(assert: SuiteAssert, store: Store): Promise<void> {
  const { shown } = await throughContainer(assert, store, path => chmodSync(join(path, 'keep'), 0o711))
  assert.is(readFileSync(join(shown, 'keep'), 'utf8'), 'kept')
  assert.is(lstatSync(join(shown, 'keep')).mode & 0o7777, 0o711)
}

async function commitsRenamed(assert: SuiteAssert, store: Store): Promise<void> {
  // Without the kernel's redirects a directory of a lower layer is copied by whoever moves it (rename(2), EXDEV).
  const rename = (path: string): void => {
    try {
      renameSync(join(path, 'etc'), join(path, 'moved'))
    } catch {
      cpSync(join(path, 'etc'), join(path, 'moved'), { recursive: true })
      rmSync(join(path, 'etc'), { recursive: true })
    }
  }
  const { shown } = await throughContainer(assert, store, rename)
  assert.is(readFileSync(join(shown, 'moved/a'), 'utf8'), 'upper a')
  assert.true(!existsSync(join(shown, 'etc')))
}

async function commitsOddities(assert: SuiteAssert, store: Store): Promise<void> {
  const name = Buffer.from([0xff, 0x41])
  const at = (path: string) => Buffer.concat([Buffer.from(`${path}/`), name])
  const act = (path: string): void => {
    writeFileSync(at(path), 'bytes')
    writeFileSync(join(path, 'one'), 'linked')
    linkSync(join(path, 'one'), join(path, 'two'))
    symlinkSync('/absolute/nowhere', join(path, 'link'))
    lsetxattr(join(path, 'one'), 'user.comment', Buffer.from([0, 10, 255]))
    lutimesNs(join(path, 'one'), 0n, 1_234_567_890_000_000_000n)
  }
  const { shown } = await throughContainer(assert, store, act)
  assert.is(readFileSync(at(shown), 'utf8'), 'bytes')
  assert.is(readlinkSync(join(shown, 'link')), '/absolute/nowhere')
  const [one, two] = ['one', 'two'].map(each => lstatSync(join(shown, each)))
  assert.is(one?.ino, two?.ino)
  assert.is(one?.mtimeMs, 1_234_567_890_000)
  assert.is(lgetxattr(join(shown, 'two'), 'user.comment')?.toString('hex'), '000aff')
}

async function commitsOpaque(assert: SuiteAssert, store: Store): Promise<void> {
  const { shown } = await throughContainer(assert, store, path => {
    rmSync(join(path, 'etc'), { recursive: true })
    mkdirSync(join(path, 'etc/sub'), { recursive: true })
    writeFileSync(join(path, 'etc/sub/new'), 'new')
    rmSync(join(path, 'dir/new'))
  })
  assert.deepEqual(readdirSync(join(shown, 'etc')), ['sub'])
  assert.deepEqual(readdirSync(join(shown, 'etc/sub')), ['new'])
  assert.deepEqual(readdirSync(join(shown, 'dir')), [])
}

async function appliesOnce(assert: SuiteAssert, store: Store): Promise<void> {
  const first = await addLayer(store, lower)
  assert.is(await addLayer(store, lower), first)
  assert.is((await store.layers.list()).length, 1)
}

async function forgetsUncommitted(assert: SuiteAssert, store: Store): Promise<void> {
  {
    await using staged = await store.layers.stage()
    await staged.apply(once(lower))
  }
  assert.deepEqual(await store.layers.list(), [])
  assert.deepEqual(readdirSync(join(store.graphRoot, store.driverName, 'tempdirs')), [])
}

async function bringsBack(assert: SuiteAssert, store: Store): Promise<void> {
  const middle = tarOf({ middle: 'in between' })
  const base = await addLayer(store, lower)
  const lost = await addLayer(store, middle, base)
  await withContainer(store, await addLayer(store, upper, lost), async (path, layer) => {
    await store.layers.unmount(layer)
    rmSync(join(homeOf(store), lost), { recursive: true })
    assert.true(!(await store.layers.hasFiles(lost)))
    assert.is(await addLayer(store, middle, base), lost)
    assert.true(await store.layers.hasFiles(lost))
    assert.is(await store.layers.mount(layer), path)
    assert.is(readFileSync(join(path, 'middle'), 'utf8'), 'in between')
    assert.is(readFileSync(join(path, 'etc/a'), 'utf8'), 'upper a')
    assert.is((await collect(store.layers.diff(lost))).compare(middle), 0)
  })
}

async function mountsDeep(assert: SuiteAssert, store: Store): Promise<void> {
  let top: string | undefined
  for (let n = 0; n < 60; n++) top = await addLayer(store, tarOf({ [`f${n}`]: String(n), last: String(n) }), top)
  await withContainer(store, top ?? '', async path => {
    assert.is(readdirSync(path).length, 61)
    assert.is(readFileSync(join(path, 'last'), 'utf8'), '59')
    assert.is(readFileSync(join(path, 'f0'), 'utf8'), '0')
  })
}

const homeOf = (store: Store): string => join(store.graphRoot, store.driverName === 'vfs' ? 'vfs/dir' : 'overlay')

async function removesEverything(assert: SuiteAssert, store: Store): Promise<void> {
  const home = homeOf(store)
  await withContainer(store, await stack(store), async path => {
    assert.true(lstatSync(path).isDirectory())
  })
  assert.deepEqual(
    readdirSync(home).filter(each => /^[0-9a-f]{64}$/.test(each)),
    [],
  )
  assert.deepEqual(await store.layers.list(), [])
}
