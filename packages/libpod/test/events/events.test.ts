import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { EngineEvent } from '../../src/events/events.ts'
import { formatEvent, parseEvent } from '../../src/events/line.ts'
import { createEvents } from '../../src/events/service.ts'

async function place(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'libpod-events-'))
  t.teardown(() => rm(directory, { recursive: true }))
  return join(directory, 'events', 'events.log')
}

async function gather(events: AsyncIterable<EngineEvent>): Promise<string[]> {
  return (await Array.fromAsync(events)).map(event => `${event.type} ${event.status} ${event.name ?? ''}`)
}

const died =
  '{"ContainerExitCode":7,"ID":"e1ee","Image":"localhost/busybox:latest","Name":"c1","Status":"died","Time":"2026-11-23T12:48:06.29Z","Type":"container","Attributes":{}}'

test('a line written by Podman is read and written again as it was', t => {
  const event = parseEvent(died)
  t.like(event, { type: 'container', status: 'died', containerExitCode: 7, id: 'e1ee', name: 'c1' })
  t.is(event && formatEvent(event), died)
})

test('what is no event is passed over', t => {
  for (const line of ['', '{', 'null', '[]', '{"Status":"x"}', '{"Status":"x","Type":"pod","Time":"never"}'])
    t.is(parseEvent(line), undefined)
})

test('filters: alternatives within a key, all keys together; an unknown key is refused', async t => {
  const events = createEvents({ backend: 'file', uid: 0, path: await place(t), maxBytes: 1e6 })
  await events.write({ type: 'container', status: 'create', name: 'a', id: 'aa11', attributes: { role: 'web' } })
  await events.write({ type: 'container', status: 'died', name: 'b', id: 'bb22' })
  await events.write({ type: 'volume', status: 'create', name: 'a' })
  t.deepEqual(await gather(events.read({ filters: { container: ['a', 'bb'] } })), [
    'container create a',
    'container died b',
  ])
  t.deepEqual(await gather(events.read({ filters: { type: ['container'], event: ['die'] } })), ['container died b'])
  t.deepEqual(await gather(events.read({ filters: { label: ['role=web'] } })), ['container create a'])
  await t.throwsAsync(gather(events.read({ filters: { nonsense: ['x'] } })), {
    message: 'nonsense is an invalid filter',
  })
})

test('since and until bound the time', async t => {
  const path = await place(t)
  const events = createEvents({ backend: 'file', uid: 0, path, maxBytes: 1e6 })
  for (const [index, name] of ['one', 'two', 'three'].entries()) {
    await events.write({
      type: 'volume',
      status: 'create',
      name,
      time: new Date(1_000_000 + index * 1000).toISOString(),
    })
  }
  t.deepEqual(await gather(events.read({ since: 1_001_000, until: 1_002_000 })), ['volume create two'])
})

test('a follower sees what others write, and ends with its signal', async t => {
  const path = await place(t)
  const events = createEvents({ backend: 'file', uid: 0, path, maxBytes: 1e6 })
  await events.write({ type: 'volume', status: 'create', name: 'before' })
  const stop = new AbortController()
  const seen: string[] = []
  const following = (async () => {
    for await (const event of events.read({ stream: 'yes', since: 0, signal: stop.signal })) {
      seen.push(event.name ?? '')
      if (seen.length === 1)
        await appendFile(
          path,
          `${formatEvent({ type: 'volume', status: 'remove', name: 'later', time: new Date().toISOString() })}\n`,
        )
      if (seen.length === 2) stop.abort(new Error('enough'))
    }
  })()
  await t.throwsAsync(following, { message: 'enough' })
  t.deepEqual(seen, ['before', 'later'])
})

test('a log past its size loses its older half and says so', async t => {
  const path = await place(t)
  const events = createEvents({ backend: 'file', uid: 0, path, maxBytes: 2000 })
  for (let index = 0; index < 60; index++) await events.write({ type: 'volume', status: 'create', name: `v${index}` })
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  t.true(lines.length < 30)
  t.true(lines.some(line => line.includes('"io.podman.event.rotate":"begin"')))
  t.is((await gather(events.read({ filters: { type: ['volume'] } }))).at(-1), 'volume create v59')
})

test('a torn last line is not an event', async t => {
  const path = await place(t)
  const events = createEvents({ backend: 'file', uid: 0, path, maxBytes: 1e6 })
  await events.write({ type: 'volume', status: 'create', name: 'whole' })
  await writeFile(path, `${await readFile(path, 'utf8')}{"Name":"to`)
  t.deepEqual(await gather(events.read()), ['volume create whole'])
})

test('concurrent writers lose nothing', async t => {
  const path = await place(t)
  const writers = [1, 2, 3].map(() => createEvents({ backend: 'file', uid: 0, path, maxBytes: 1e6 }))
  await Promise.all(
    writers.flatMap((events, writer) =>
      Array.from({ length: 30 }, (_, index) =>
        events.write({ type: 'volume', status: 'create', name: `${writer}-${index}` }),
      ),
    ),
  )
  t.is((await gather(createEvents({ backend: 'file', uid: 0, path, maxBytes: 1e6 }).read())).length, 90)
})

test('a follower is told everything once, however often the log is rotated meanwhile', async t => {
  const path = await place(t)
  const events = createEvents({ backend: 'file', uid: 0, path, maxBytes: 2000 })
  await events.write({ type: 'volume', status: 'create', name: 'v0' })
  const controller = new AbortController()
  const seen: string[] = []
  const following = (async () => {
    const filters = { type: ['volume'] }
    for await (const { name = '' } of events.read({ stream: 'yes', since: 0, filters, signal: controller.signal })) {
      seen.push(name)
      const next = Number(name.slice(1)) + 1
      if (next < 60) await events.write({ type: 'volume', status: 'create', name: `v${next}` })
      else controller.abort()
    }
  })()
  await t.throwsAsync(following, { name: 'AbortError' })
  t.deepEqual(
    seen,
    Array.from({ length: 60 }, (_, at) => `v${at}`),
  )
  t.true((await readFile(path, 'utf8')).includes('"io.podman.event.rotate":"begin"'))
})
