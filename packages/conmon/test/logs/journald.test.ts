import test from 'ava'
import { fieldBytes, fieldText, journalArguments, parseRow } from '../../src/logs/journal.ts'
import { entryOf } from '../../src/logs/journald.ts'

const row = (fields: object) => ({
  __REALTIME_TIMESTAMP: '1767225600123456',
  PRIORITY: '6',
  MESSAGE: 'hello',
  ...fields,
})

test("conmon's fields become an entry", t => {
  t.deepEqual(entryOf(row({})), {
    ...{ time: '2026-01-01T00:00:00.123456000Z', stream: 'stdout', partial: false, message: Buffer.from('hello') },
  })
  t.like(entryOf(row({ PRIORITY: '3', CONTAINER_PARTIAL_MESSAGE: 'true' })), { stream: 'stderr', partial: true })
})

test('a message ends without its newline; what is no text is a list of bytes, what comes twice a list of them', t => {
  t.deepEqual(entryOf(row({ MESSAGE: [0, 10, 255, 10] }))?.message, Buffer.from([0, 10, 255]))
  t.is(entryOf(row({ MESSAGE: null }))?.message.length, 0)
  t.is(fieldText({ NAME: ['first', 'second'] }, 'NAME'), 'first')
  t.deepEqual(fieldBytes({ NAME: [[1, 2], 'second'] }, 'NAME'), Buffer.from([1, 2]))
  t.is(fieldText({}, 'toString'), undefined)
})

test('what is none of the container’s output is passed over', t => {
  for (const fields of [row({ PODMAN_EVENT: 'start' }), {}, { __REALTIME_TIMESTAMP: 'now' }])
    t.is(entryOf(fields), undefined)
  for (const line of ['junk', 'null', '[]', '{"a":']) t.is(parseRow(Buffer.from(line)), undefined)
})

test('a query in the words of journalctl, where no match is taken for an option', t => {
  const matches = ['CONTAINER_ID_FULL=abc']
  t.deepEqual(journalArguments({ matches }).slice(-2), ['--', 'CONTAINER_ID_FULL=abc'])
  const follow = Promise.resolve()
  const args = journalArguments({ matches, since: new Date(1500), until: new Date(2000), follow })
  for (const word of ['--since=@1.5', '--until=@2', '--follow', '--no-tail']) t.true(args.includes(word), word)
  t.true(journalArguments({ matches, order: 'newest first' }).includes('--reverse'))
  const after = journalArguments({ matches, after: 's=1', since: new Date(0) })
  t.true(after.includes('--after-cursor=s=1'))
  t.false(after.some(word => word.startsWith('--since')))
})
