import test from 'ava'
import fc from 'fast-check'
import { formatJsonLine, formatK8sLine, type LogEntry, parseJsonLine, parseK8sLine } from '../../src/index.ts'

const time = '2026-11-23T12:48:06.278607684+00:00'

test('a line as conmon writes it', t => {
  t.deepEqual(parseK8sLine(Buffer.from(`${time} stdout F hello-out`)), {
    ...{ time, stream: 'stdout', partial: false, message: Buffer.from('hello-out') },
  })
  t.like(parseK8sLine(Buffer.from(`${time} stderr P  a b `)), {
    stream: 'stderr',
    partial: true,
    message: Buffer.from(' a b '),
  })
  t.is(parseK8sLine(Buffer.from(`${time} stdout F `))?.message.length, 0)
})

test('what is no such line is nothing', t => {
  for (const line of ['', 'x', 'a b c d', `${time} stdout`, `${time} stdin F x`, `${time} stdout Fx`])
    t.is(parseK8sLine(Buffer.from(line)), undefined, line)
})

test("Docker's line", t => {
  t.deepEqual(parseJsonLine(Buffer.from('{"log":"a\\n","stream":"stderr","time":"2026-01-01T00:00:00.1Z"}')), {
    ...{ time: '2026-01-01T00:00:00.1Z', stream: 'stderr', partial: false, message: Buffer.from('a') },
  })
  for (const line of ['{', '{}', '{"log":1,"stream":"stdout","time":""}', '{"log":"","stream":"x","time":""}', 'null'])
    t.is(parseJsonLine(Buffer.from(line)), undefined, line)
})

const entries = (message: fc.Arbitrary<Buffer>): fc.Arbitrary<LogEntry> =>
  fc.record({ time: fc.constant(time), stream: fc.constantFrom('stdout', 'stderr'), partial: fc.boolean(), message })
const bytes = fc.uint8Array().map(array => Buffer.from(array.map(byte => (byte === 0x0a ? 0x20 : byte))))
const text = fc.string().map(string => Buffer.from(string.replaceAll('\n', ' ')))

test('what is formatted is parsed again', t => {
  fc.assert(
    fc.property(entries(bytes), entry => void t.deepEqual(parseK8sLine(formatK8sLine(entry).subarray(0, -1)), entry)),
  )
  fc.assert(
    fc.property(entries(text), entry => void t.deepEqual(parseJsonLine(formatJsonLine(entry).subarray(0, -1)), entry)),
  )
})
