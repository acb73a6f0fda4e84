import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { tempStore } from '../support/temp-store.ts'

test('many removals at once: each has its own end, and nothing of them stays', async t => {
  const { store, options } = await tempStore(t, { driver: 'vfs' })
  const make = async (): Promise<string> => (await store.containers.create({})).id
  const ids = await Promise.all(Array.from({ length: 12 }, make))
  const [kept = '', ...going] = ids
  const asked = [...going, 'unknown', ...going.slice(0, 1)]
  const ends = await Promise.allSettled(asked.map(id => store.containers.remove(id)))
  t.deepEqual(
    ends.map(({ status }) => status),
    [...going.map(() => 'fulfilled'), 'rejected', 'rejected'],
  )
  for (const end of ends) if (end.status === 'rejected') t.is(end.reason.code, 'CONTAINER_UNKNOWN')
  t.deepEqual(
    (await store.containers.list()).map(({ id }) => id),
    [kept],
  )
  t.is((await store.layers.list()).length, 1)
  const records = readFileSync(join(options.graphRoot, 'vfs-containers', 'containers.json'), 'utf8')
  for (const id of going) t.false(records.includes(id))
})
