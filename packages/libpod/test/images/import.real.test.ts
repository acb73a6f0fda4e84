import { busyboxTar, peerPodman, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { imageRoom } from './rooms.ts'

const changes = [
  'CMD ["/bin/sh"]',
  'ENV A=1 B="two words"',
  'LABEL x=y',
  'EXPOSE 80',
  'VOLUME /data',
  'USER guest',
  'WORKDIR /tmp',
  'STOPSIGNAL 9',
]

test('a tar becomes an image with the changes asked for, which Podman reads', async t => {
  const { images, store } = await imageRoom(t)
  const tar = await busyboxTar(await tempDir(t, 'tar'))
  const id = await images.import(tar, { name: 'bb', changes, message: 'made' })
  const found = await images.lookup('bb')
  t.is(found.id, id)
  t.is(found.resolvedName, 'localhost/bb:latest')
  t.deepEqual([found.config.cmd, found.config.env], [['/bin/sh'], ['A=1', 'B=two words']])
  const podman = await peerPodman(t, { graphRoot: store.graphRoot, runRoot: store.runRoot })
  const [theirs] = JSON.parse(await podman.output(['image', 'inspect', 'bb'])) as Record<string, unknown>[]
  const ours: Record<string, unknown> = { ...(await images.inspect('bb')) }
  t.is(ours.Comment, 'made')
  for (const key of Object.keys(theirs ?? {})) t.deepEqual(ours[key], theirs?.[key], key)
})

test('the history of an import is its one step', async t => {
  const { images } = await imageRoom(t)
  const id = await images.import(await busyboxTar(await tempDir(t, 'tar')), { name: 'example.com/a/bb:1' })
  const [step, ...rest] = await images.history('example.com/a/bb:1')
  t.is(rest.length, 0)
  t.is(step?.id, id)
  t.deepEqual(step?.tags, ['example.com/a/bb:1'])
  t.true((step?.size ?? 0) > 1_000_000)
})

test('a change that is none leaves nothing behind', async t => {
  const { images, store } = await imageRoom(t)
  const tar = await busyboxTar(await tempDir(t, 'tar'))
  await t.throwsAsync(images.import(tar, { changes: ['FROM x'] }), {
    code: 'SPEC_INVALID',
    message: /invalid instruction FROM/,
  })
  await t.throwsAsync(images.import('/nonexistent.tar'))
  t.deepEqual(await store.layers.list(), [])
  t.deepEqual(await images.list(), [])
})
