import test from 'ava'
import { humanDuration } from '../../src/print/age.ts'
import { columns } from '../../src/print/columns.ts'
import { goTime, goTimeOf } from '../../src/print/go-time.ts'
import { humanBinarySize, humanSize } from '../../src/print/size.ts'
import { goDuration } from '../../src/print/stats.ts'
import { fill, parseTemplate } from '../../src/print/template.ts'

test('sizes in powers of 1000 and 1024', t => {
  t.is(humanSize(0), '0B')
  t.is(humanSize(1_234_567), '1.235MB')
  t.is(humanSize(1_234_567, 3), '1.23MB')
  t.is(humanBinarySize(1024 * 1024 * 1.5), '1.5MiB')
})

test('ages in words', t => {
  const s = 1000
  const words = [
    0.5 * s,
    1 * s,
    59 * s,
    61 * s,
    150 * s,
    3600 * s,
    7200 * s,
    3 * 86400 * s,
    15 * 86400 * s,
    70 * 86400 * s,
  ]
  t.deepEqual(words.map(humanDuration), [
    'Less than a second',
    '1 second',
    '59 seconds',
    'About a minute',
    '2 minutes',
    'About an hour',
    '2 hours',
    '3 days',
    '2 weeks',
    '2 months',
  ])
})

test('columns are 12 wide at least and the last is not padded', t => {
  t.is(
    columns([
      ['CONTAINER ID', 'IMAGE', 'NAMES'],
      ['abc', 'x', 'y'],
    ]),
    'CONTAINER ID  IMAGE       NAMES\nabc           x           y\n',
  )
})

test('Go durations', t => {
  t.deepEqual([0, 12, 1.5e6, 2.5e9, 3723e9].map(goDuration), ['0s', '12ns', '1.5ms', '2.5s', '1h2m3s'])
})

test('times as Go prints them', t => {
  t.is(goTimeOf('2026-01-02T03:04:05.600Z'), '2026-01-02 03:04:05.6 +0000 UTC')
  t.is(goTimeOf('2026-01-02T03:04:05.000Z'), '2026-01-02 03:04:05 +0000 UTC')
  t.is(goTimeOf('2026-01-02T03:04:05.123456789+01:30'), '2026-01-02 03:04:05.123456789 +0130 +0130')
  t.is(goTimeOf('yesterday'), 'yesterday')
})

const askedOfTimes: readonly (readonly [template: string, text: string])[] = [
  ['{{.At}}', '2026-01-02 15:04:05.6 +0130 +0130'],
  ['{{json .At}}', '"2026-01-02T15:04:05.600+01:30"'],
  ['{{printf "%.10s" .At}} {{.At.String}}', '2026-01-02 2026-01-02 15:04:05.6 +0130 +0130'],
  ['{{.At.Unix}} {{.At.UnixMilli}} {{.At.UnixNano}}', '1767360845 1767360845600 1767360845600000000'],
  ['{{.At.Year}} {{.At.Month}} {{.At.Day}} {{.At.Weekday}}', '2026 January 2 Friday'],
  ['{{.At.IsZero}} {{.Never.IsZero}}', 'false true'],
  ['{{.At.Format "2006-01-02T15:04:05.000Z07:00"}}', '2026-01-02T15:04:05.600+01:30'],
  ['{{.At.Format "Mon Jan _2 3:04PM 06 .999999"}}', 'Fri Jan  2 3:04PM 26 .6'],
]

for (const [template, text] of askedOfTimes)
  test(`what templates ask of a time: ${template}`, t => {
    const data = { At: goTime('2026-01-02T15:04:05.600+01:30'), Never: goTime('0001-01-01T00:00:00Z') }
    t.is(fill(parseTemplate(template, 'x'), data), text)
  })
