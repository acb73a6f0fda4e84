import { busyboxTar, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { imageRoom } from './rooms.ts'

async function tagged(t: Parameters<typeof imageRoom>[0]) {
  const room = await imageRoom(t)
  const id = await room.images.import(await busyboxTar(await tempDir(t, 'tar')), { name: 'example.com/a:1' })
  await room.images.tag('a:1', ['b', 'example.com/c:3'])
  return { ...room, id }
}

test('names are found as Podman finds them', async t => {
  const { images, id, store } = await tagged(t)
  t.deepEqual(
    (await store.images.list())[0]?.names,
    ['example.com/c:3', 'localhost/b:latest', 'example.com/a:1'],
    'last first',
  )
  for (const name of [
    id,
    `sha256:${id}`,
    id.slice(0, 12),
    'a:1',
    'example.com/a:1',
    'b',
    'b:latest',
    'localhost/b',
    'c:3',
  ]) {
    t.is((await images.lookup(name)).id, id, name)
  }
  // What is hexadecimal may happen to begin the id.
  const strangers = ['a', 'c', 'xample.com/a:1', 'example.org/a:1', 'nothing', 'abc123']
  for (const name of strangers.filter(text => !id.startsWith(text))) t.false(await images.exists(name), name)
  await t.throwsAsync(images.lookup('Nothing'), { code: 'NAME_INVALID' })
  await t.throwsAsync(images.lookup('nothing'), { code: 'IMAGE_UNKNOWN', message: 'nothing: image not known' })
})

test('a name goes first, the image with its last one', async t => {
  const { images, id, store } = await tagged(t)
  t.deepEqual(await images.remove(['a:1']), { untagged: ['example.com/a:1'], deleted: [], errors: [] })
  const byId = await images.remove([id])
  t.regex(
    byId.errors[0]?.message ?? '',
    /^unable to delete image "[0-9a-f]{64}" by ID with more than one tag \(\[.*\]\): please force removal$/,
  )
  t.deepEqual((await images.remove(['b', 'c:3'])).deleted, [id])
  t.deepEqual(await store.layers.list(), [])
  t.deepEqual(
    (await images.remove(['b'])).errors.map(({ message }) => message),
    ['b: image not known'],
  )
  t.deepEqual((await images.remove(['b'], { missing: 'ignore' })).errors, [])
})

test('an image that a container stands on stays, unless forced', async t => {
  const { images, id, store } = await tagged(t)
  const container = await store.containers.create({ image: id, names: ['user'] })
  const refused = await images.remove(['b', 'a:1', 'c:3'])
  t.is(
    refused.errors[0]?.message,
    `image used by ${container.id}: image is in use by a container: consider listing external containers and force-removing image`,
  )
  t.true(await images.exists(id))
  t.deepEqual(await images.prune({ which: 'all' }), [])
  t.deepEqual((await images.remove([id], { inUse: 'remove-containers' })).deleted, [id])
  t.deepEqual(await store.containers.list(), [])
})

test('tags move, and untag takes them away', async t => {
  const { images, id } = await tagged(t)
  const other = await images.import(await busyboxTar(await tempDir(t, 'tar')), { changes: ['LABEL other=yes'] })
  await images.tag(other, ['b'])
  t.is((await images.lookup('b')).id, other)
  await images.untag(id, ['example.com/c:3'])
  await t.throwsAsync(images.untag(id, ['c:4']), { message: 'localhost/c:4: tag not known' })
  await images.untag(id, [])
  const left = await images.list()
  t.deepEqual(left.find(image => image.id === id)?.names, [])
  t.is(left.find(image => image.id === id)?.dangling, 'yes')
  t.deepEqual(
    (await images.prune({})).map(pruned => pruned.id),
    [id],
  )
})

test('lists are narrowed by filters', async t => {
  const { images, id } = await tagged(t)
  const other = await images.import(await busyboxTar(await tempDir(t, 'tar')), {
    name: 'example.org/z:9',
    changes: ['LABEL k=v'],
  })
  const ids = async (filters: Record<string, string[]>): Promise<readonly string[]> =>
    (await images.list({ filters })).map(image => image.id)
  t.deepEqual(await ids({ reference: ['example.com/*'] }), [id])
  t.deepEqual(await ids({ reference: ['z*'] }), [other])
  t.deepEqual(await ids({ 'reference!': ['*:9'] }), [id])
  t.deepEqual(await ids({ label: ['k=v'] }), [other])
  t.deepEqual(await ids({ 'label!': ['k'] }), [id])
  t.deepEqual(await ids({ after: ['a:1'] }), [other])
  t.deepEqual(await ids({ before: ['z:9'] }), [id])
  t.deepEqual(await ids({ containers: ['true'] }), [])
  t.deepEqual(await ids({ id: [other.slice(0, 8)] }), [other])
  t.deepEqual(await ids({ until: ['24h'] }), [])
  await t.throwsAsync(ids({ nonsense: ['x'] }), { code: 'SPEC_INVALID', message: /invalid image filter "nonsense"/ })
  await t.throwsAsync(ids({ dangling: ['maybe'] }), { message: /non-boolean value "maybe" for dangling filter/ })
})
