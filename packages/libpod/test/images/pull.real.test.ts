import { peerPodman, startRegistry } from '@libpod/test-kit'
import test from 'ava'
import type { PullEvent } from '../../src/images/images.ts'
import { imageRoom } from './rooms.ts'

const plain = { tlsVerify: 'no' } as const

test('images that other tools pushed are pulled, and Podman inspects them alike', async t => {
  const registry = await startRegistry(t)
  const { images, store } = await imageRoom(t)
  const podman = await peerPodman(t, { graphRoot: store.graphRoot, runRoot: store.runRoot })
  for (const name of ['v2s2-gzip', 'oci-gzip', 'oci-zstd', 'oci-plain', 'index'] as const) {
    const reference = await registry.fixture(name)
    const events: PullEvent[] = []
    const [id = ''] = await images.pull(reference, { ...plain, onProgress: event => events.push(event) })
    t.is(events[0]?.type, 'source')
    t.true(
      events.some(({ type }) => type === 'blob-done' || type === 'blob-reused'),
      name,
    )
    const [theirs] = JSON.parse(await podman.output(['image', 'inspect', reference])) as Record<string, unknown>[]
    const ours: Record<string, unknown> = { ...(await images.inspect(reference)) }
    t.is(ours.Id, id)
    for (const key of Object.keys(theirs ?? {})) t.deepEqual(ours[key], theirs?.[key], `${name} ${key}`)
  }
})

test('policies decide whether the registry is asked', async t => {
  const registry = await startRegistry(t)
  const { images } = await imageRoom(t)
  const name = await registry.fixture('oci-gzip')
  await t.throwsAsync(images.pull(name, { ...plain, policy: 'never' }), {
    code: 'IMAGE_UNKNOWN',
    message: `${name}: image not known`,
  })
  const ids = await images.pull(name, { ...plain, policy: 'missing' })
  t.deepEqual(await images.pull(name, { ...plain, policy: 'newer' }), ids)
  await registry.stop()
  t.deepEqual(await images.pull(name, { ...plain, policy: 'missing' }), ids)
  t.deepEqual(await images.pull(name, { ...plain, policy: 'newer', retry: 0 }), ids)
  await t.throwsAsync(images.pull(name, { ...plain, policy: 'always', retry: 0 }), {
    code: 'IMAGE_UNAVAILABLE',
    message: /connection refused/,
  })
})

test('what does not exist, or is not what it says, leaves nothing', async t => {
  const registry = await startRegistry(t)
  const { images, store } = await imageRoom(t)
  const name = await registry.fixture('oci-plain')
  await t.throwsAsync(images.pull(`${registry.host}/nothing:here`, plain), {
    code: 'IMAGE_UNAVAILABLE',
    message: /manifest unknown/,
  })
  const index = await registry.fixture('index')
  await t.throwsAsync(images.pull(index, { ...plain, platform: { architecture: 's390x' } }), {
    code: 'IMAGE_UNAVAILABLE',
    message: /no image found in .*s390x/,
  })
  await registry.corruptLargestBlob()
  await t.throwsAsync(images.pull(name, plain), { code: 'IMAGE_UNAVAILABLE' })
  t.deepEqual(await images.list(), [])
  t.deepEqual(await store.layers.list(), [])
})

test('an aborted pull rejects with the reason', async t => {
  const registry = await startRegistry(t)
  const { images, store } = await imageRoom(t)
  const name = await registry.fixture('v2s2-gzip')
  const stop = new AbortController()
  const reason = new Error('enough')
  const pulling = images.pull(name, {
    ...plain,
    signal: stop.signal,
    onProgress: ({ type }) => type === 'blob-start' && stop.abort(reason),
  })
  t.is(
    await pulling.then(
      () => undefined,
      error => error,
    ),
    reason,
  )
  t.deepEqual(await store.images.list(), [])
})

test('all tags of a repository', async t => {
  const registry = await startRegistry(t)
  const { images } = await imageRoom(t)
  const name = await registry.fixture('oci-gzip')
  await images.pull(name, plain)
  for (const tag of ['one', 'two']) await images.push(name, `${registry.host}/many:${tag}`, plain)
  await images.remove([], { which: 'all' })
  const ids = await images.pull(`${registry.host}/many`, { ...plain, tags: 'all' })
  t.is(ids.length, 2)
  t.deepEqual((await images.list()).flatMap(image => image.names).sort(), [
    `${registry.host}/many:one`,
    `${registry.host}/many:two`,
  ])
})
