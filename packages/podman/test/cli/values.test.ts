import test from 'ava'
import { parseBool, parseDuration, parseInteger, splitCsv } from '../../src/cli/values.ts'

test('durations are Go durations in nanoseconds', t => {
  t.is(parseDuration('1h2m3.5s'), 3723.5e9)
  t.is(parseDuration('-1.5ms'), -1.5e6)
  t.is(parseDuration('0'), 0)
  t.throws(() => parseDuration('1x'), { message: 'time: invalid duration "1x"' })
})

test('integers follow base prefixes and limits', t => {
  t.is(parseInteger('0x10', 'ParseInt'), 16)
  t.is(parseInteger('010', 'ParseInt'), 8)
  t.is(parseInteger('-7', 'ParseInt'), -7)
  t.throws(() => parseInteger('-7', 'ParseUint'), { message: /invalid syntax/ })
  t.throws(() => parseInteger('99999999999999999999', 'ParseInt'), { message: /value out of range/ })
})

test('switches take the words of strconv', t => {
  t.true(parseBool('T'))
  t.false(parseBool('0'))
  t.throws(() => parseBool('yes'))
  t.throws(() => parseBool('constructor'))
})

test('comma lists follow CSV quoting', t => {
  t.deepEqual(splitCsv('a,b'), ['a', 'b'])
  t.deepEqual(splitCsv('"a,b",c'), ['a,b', 'c'])
  t.deepEqual(splitCsv('"say ""hi""",x'), ['say "hi"', 'x'])
  t.deepEqual(splitCsv('a,'), ['a', ''])
  t.deepEqual(splitCsv('"a",'), ['a', ''])
  t.deepEqual(splitCsv(''), [])
  t.throws(() => splitCsv('a"b'), { message: /bare " in non-quoted-field/ })
  t.throws(() => splitCsv('"ab'), { message: /extraneous or missing " in quoted-field/ })
})
