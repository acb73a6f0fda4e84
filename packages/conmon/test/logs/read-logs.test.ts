import { appendFile, rename, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { formatK8sLine, type LogEntry, type LogQuery, readLogs } from '../../src/index.ts'

const line = (message: string, partial = false, second = 0): Buffer =>
  formatK8sLine({
    time: `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000000+00:00`,
    stream: 'stdout',
    partial,
    message: Buffer.from(message),
  })
const text = (entry: LogEntry): string => entry.message.toString() + (entry.partial ? '' : '\n')
const all = async (query: LogQuery): Promise<string> => (await Array.fromAsync(readLogs(query))).map(text).join('')
const file = (path: string): LogQuery => ({ driver: 'k8s-file', path })

test('a log is read whole, and junk in it is passed over', async t => {
  const path = join(await tempDir(t), 'ctr.log')
  await writeFile(path, Buffer.concat([line('a'), Buffer.from('junk\n\n'), line('b', true), line('c')]))
  t.is(await all(file(path)), 'a\nbc\n')
  t.is(await all({ ...file(path), driver: 'json-file' }), 'a\nbc\n')
})

test("Docker's format is recognized", async t => {
  const path = join(await tempDir(t), 'ctr.log')
  await writeFile(path, '{"log":"x\\n","stream":"stdout","time":"2026-01-01T00:00:00Z"}\n')
  t.is(await all({ driver: 'json-file', path }), 'x\n')
})

test('a log that is not there yet is empty', async t => {
  t.is(await all(file(join(await tempDir(t), 'none'))), '')
})

test('drivers that keep nothing say so', t => {
  for (const driver of ['none', 'passthrough'] as const)
    t.throws(() => readLogs({ driver }), { code: 'LOG_UNSUPPORTED' })
})

test('a log that cannot be read is an error of ours', async t => {
  await t.throwsAsync(all(file(await tempDir(t))), { code: 'LOG_UNREADABLE' })
})

test('the tail counts a line in parts once, wherever blocks end', async t => {
  const path = join(await tempDir(t), 'ctr.log')
  const long = 'z'.repeat(8000)
  const parts = [...Array(30).keys()].flatMap(number => [line(long, true), line(long, true), line(`end ${number}`)])
  await writeFile(path, Buffer.concat([...parts, line('unfinished', true)]))
  const whole = await all(file(path))
  const lines = whole.split(/(?<=\n)/)
  for (const tail of [0, 1, 2, 7, 30, 31, 99])
    t.is(await all({ ...file(path), tail }), tail === 0 ? '' : lines.slice(-tail).join(''), `tail ${tail}`)
})

test('only what lies between since and until', async t => {
  const path = join(await tempDir(t), 'ctr.log')
  await writeFile(path, Buffer.concat([line('a', false, 1), line('b', false, 2), line('c', false, 3)]))
  const at = (second: number): Date => new Date(`2026-01-01T00:00:0${second}Z`)
  t.is(await all({ ...file(path), since: at(2) }), 'b\nc\n')
  t.is(await all({ ...file(path), until: at(2) }), 'a\nb\n')
  t.is(await all({ ...file(path), since: at(2), until: at(2) }), 'b\n')
})

test('following sees what comes, through rotation and truncation, until the end', async t => {
  const path = join(await tempDir(t), 'ctr.log')
  await writeFile(path, line('first'))
  const ended = Promise.withResolvers<void>()
  const entries = readLogs({ ...file(path), follow: { ended: ended.promise } })
  const next = async (): Promise<string> => text((await entries.next()).value as LogEntry)
  t.is(await next(), 'first\n')
  await appendFile(path, line('second'))
  t.is(await next(), 'second\n')
  await appendFile(path, line('last of the old'))
  await rename(path, `${path}.1`)
  await writeFile(path, line('new file'))
  t.is(await next(), 'last of the old\n')
  t.is(await next(), 'new file\n')
  await truncate(path, 0)
  await appendFile(path, line('cut'))
  t.is(await next(), 'cut\n')
  await appendFile(path, line('end'))
  ended.resolve()
  t.is(await next(), 'end\n')
  t.true((await entries.next()).done)
})

test('following a log that does not exist yet', async t => {
  const path = join(await tempDir(t), 'ctr.log')
  const ended = Promise.withResolvers<void>()
  const reading = all({ ...file(path), follow: { ended: ended.promise } })
  await writeFile(path, line('here'))
  ended.resolve()
  t.is(await reading, 'here\n')
})

test('following is over when until is past', async t => {
  const path = join(await tempDir(t), 'ctr.log')
  await writeFile(path, line('old'))
  t.is(
    await all({ ...file(path), until: new Date(Date.now() + 100), follow: { ended: new Promise(() => {}) } }),
    'old\n',
  )
})

test('an abort ends the following with its reason', async t => {
  const path = join(await tempDir(t), 'ctr.log')
  await writeFile(path, line('a'))
  const abort = new AbortController()
  const entries = readLogs({ ...file(path), signal: abort.signal, follow: { ended: new Promise(() => {}) } })
  await entries.next()
  const waiting = entries.next()
  abort.abort(new Error('enough'))
  await t.throwsAsync(waiting, { message: 'enough' })
})
