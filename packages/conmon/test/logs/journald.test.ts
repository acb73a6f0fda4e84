import test from 'ava'
import { journalArguments, parseJournalLine } from '../../src/logs/journald.ts'

const entry = (fields: object): Buffer =>
  Buffer.from(JSON.stringify({ __REALTIME_TIMESTAMP: '1767225600123456', PRIORITY: '6', MESSAGE: 'hello', ...fields }))

test("conmon's fields become an entry", t => {
  t.deepEqual(parseJournalLine(entry({})), {
    ...{ time: '2026-01-01T00:00:00.123456000Z', stream: 'stdout', partial: false, message: Buffer.from('hello') },
  })
  t.like(parseJournalLine(entry({ PRIORITY: '3', CONTAINER_PARTIAL_MESSAGE: 'true' })), {
    stream: 'stderr',
    partial: true,
  })
})

test('a message that is no text is a list of bytes', t => {
  t.deepEqual(parseJournalLine(entry({ MESSAGE: [0, 255, 10] }))?.message, Buffer.from([0, 255, 10]))
  t.is(parseJournalLine(entry({ MESSAGE: null }))?.message.length, 0)
})

test('what is none of the container’s output is passed over', t => {
  for (const line of [entry({ PODMAN_EVENT: 'start' }), Buffer.from('{}'), Buffer.from('junk'), Buffer.from('null')])
    t.is(parseJournalLine(line), undefined)
})

test('a query in the words of journalctl', t => {
  const containerId = 'abc'
  t.deepEqual(journalArguments({ containerId }).at(-1), 'CONTAINER_ID_FULL=abc')
  const ended = Promise.resolve()
  const args = journalArguments({ containerId, since: new Date(1500), until: new Date(2000), tail: 3, ended })
  for (const word of ['--since=@1.5', '--until=@2', '--lines=3', '--follow']) t.true(args.includes(word), word)
  t.true(journalArguments({ containerId, ended }).includes('--no-tail'))
})
