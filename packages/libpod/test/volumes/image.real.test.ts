import { existsSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import type { Rooms } from '../../src/rooms.ts'
import { image, openTestEngine } from '../containers/engine.ts'

test('the files of a volume of an image come with its first use, when who made it was killed before it made them', async t => {
  const engine = await openTestEngine(t, 'image-volume')
  const { storageId = '' } = await engine.volumes.create({ name: 'v', driver: 'image', options: { image } })
  const store = await (engine as unknown as Rooms).store()
  await store.containers.remove(storageId)
  const places = await Promise.all([engine.volumes.mount('v'), engine.volumes.mount('v')])
  t.is(places[0], places[1])
  t.true(existsSync(join(places[0], 'bin/sh')))
  t.deepEqual((await store.containers.get(storageId))?.names, ['v+volume'])
  for (const _ of places) await engine.volumes.unmount('v')
  await engine.volumes.remove('v')
  t.deepEqual(await store.containers.list(), [])
})
