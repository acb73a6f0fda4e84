import { busyboxTar, output, peerPodman, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { importImage } from '../../src/images/import.ts'
import { imageRoom } from './rooms.ts'

const changes = [
  'CMD ["/bin/sh"]',
  'ENV A=1 B="two words"',
  'ENV=C=3',
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
  t.deepEqual([found.config.cmd, found.config.env], [['/bin/sh'], ['A=1 B="two words"', 'C=3']])
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

test('an import whose layer goes with the image of somebody else meanwhile is made again', async t => {
  const { images, rooms, store } = await imageRoom(t)
  const tar = await busyboxTar(await tempDir(t, 'tar'))
  await images.import(tar, { name: 'first' })
  let taken: 'yes' | 'no' = 'no'
  const create: typeof store.images.create = async as => {
    if (taken === 'no') await images.remove(['first'])
    taken = 'yes'
    return await store.images.create(as)
  }
  const raced = Object.create(store, { images: { value: Object.create(store.images, { create: { value: create } }) } })
  const id = await importImage({ ...rooms, store: async () => raced }, tar, { name: 'second' })
  t.deepEqual(
    (await images.list()).map(image => image.id),
    [id],
  )
  const { layer = '' } = (await store.images.get(id)) ?? {}
  t.truthy(await store.layers.get(layer))
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

const taken: readonly (readonly string[])[] = [
  ['ENV A=1', 'ENV A=2', 'ENV "B"="two words"', 'ENV C', 'env  D = 4', 'ENV E="half'],
  ['CMD ls -l "a b"', 'ENTRYPOINT ["a", "b"]'],
  ['CMD ', 'ENTRYPOINT '],
  ['CMD [1]', 'ENTRYPOINT=echo'],
  ['EXPOSE 80', 'EXPOSE 053/UDP', 'VOLUME /a /b', 'VOLUME ["/c d"]', 'USER  a:b ', 'ONBUILD RUN x', 'ONBUILD USER y'],
  ['WORKDIR /a', 'WORKDIR b/../c', 'LABEL "a b"="c=d"', 'LABEL e=', 'LABEL f=g h=i', 'STOPSIGNAL SIGUSR1'],
]

const refused = [
  ...['FROM x', 'CMD', ' CMD x', 'USER ', 'ENV ', 'ENV =1', 'EXPOSE x', 'EXPOSE 80 90', 'EXPOSE 0', 'EXPOSE 70000'],
  ...['EXPOSE 1/2/3', 'EXPOSE 1/sctp', 'VOLUME ', 'VOLUME /a  /b', 'VOLUME []', 'WORKDIR ', 'LABEL a', 'LABEL =a'],
  ...['LABEL ""=a', 'STOPSIGNAL NONE', 'ONBUILD ', 'MAINTAINER me', 'ENV=a b', 'ENTRYPOINT=echo a'],
]

test('changes are read as Podman reads them, and refused in its words', async t => {
  t.timeout(120_000)
  const { images } = await imageRoom(t)
  const podman = await peerPodman(t)
  const tar = `${await tempDir(t, 'tar')}/root.tar`
  await output('tar', ['-cf', tar, '-C', '/etc', 'hostname'])
  const options = (list: readonly string[]): string[] => list.flatMap(change => ['--change', change])
  for (const list of taken) {
    await images.import(tar, { name: 'same', changes: list })
    await podman.output(['import', '--quiet', ...options(list), tar, 'same'])
    const [theirs] = JSON.parse(await podman.output(['image', 'inspect', 'same'])) as { Config: unknown }[]
    t.deepEqual((await images.inspect('same')).Config, theirs?.Config, list.join('; '))
  }
  for (const change of refused) {
    const { code, stderr } = await podman.run(['import', '--quiet', ...options([change]), tar, 'never'])
    t.is(code, 125, change)
    await t.throwsAsync(
      images.import(tar, { changes: [change] }),
      { message: stderr.slice('Error: '.length, -1) },
      change,
    )
  }
})
