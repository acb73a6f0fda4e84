import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { busyboxTar, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { imageRoom } from './rooms.ts'

test('prune takes what its filters say: until, label, unused-for; a dry run takes nothing', async t => {
  const room = await imageRoom(t)
  const { images } = room
  const tar = await busyboxTar(await tempDir(t, 'tar'))
  const make = (name: string) => images.import(tar, { name, changes: [`LABEL kind=${name.slice(-1)}`] })
  const [a, b, c] = [await make('example.com/x:a'), await make('example.com/x:b'), await make('example.com/x:c')]
  const store = await room.rooms.store()
  const longAgo = new Date(Date.now() - 10 * 24 * 3600 * 1000)
  for (const id of [a, b]) utimesSync(join(store.graphRoot, 'overlay-images', id), longAgo, longAgo)
  const container = await store.containers.create({ image: b })
  await store.containers.remove(container.id)
  const dry = async (filters: Readonly<Record<string, readonly string[]>>) => {
    const found = await images.prune({ which: 'all', dryRun: 'yes', filters })
    return found.map(({ id }) => id).sort()
  }
  // A container was made of one of the two: it is used again.
  t.deepEqual(await dry({ 'unused-for': ['24h'] }), [a])
  t.deepEqual(await dry({ 'unused-for': ['2000h'] }), [])
  t.deepEqual(await dry({ until: ['1h'] }), [])
  t.deepEqual(await dry({ until: [String(Math.ceil(Date.now() / 1000) + 5)] }), [a, b, c].sort())
  t.deepEqual(await dry({ label: ['kind=b'] }), [b])
  t.deepEqual(await dry({ 'label!': ['kind=b'] }), [a, c].sort())
  await t.throwsAsync(dry({ 'unused-for': ['a while'] }), { code: 'SPEC_INVALID' })
  t.is((await images.list()).length, 3)
  t.deepEqual(
    (await images.prune({ which: 'all', filters: { 'unused-for': ['24h'] } })).map(({ id }) => id),
    [a],
  )
  t.is((await images.list()).length, 2)
})
