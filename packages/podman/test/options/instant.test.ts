import test from 'ava'
import { UsageError } from '../../src/cli/usage-error.ts'
import { parseInstant } from '../../src/options/instant.ts'

const now = Date.UTC(2026, 0, 2)

test('a duration leads back from now, or ahead when it is an end', t => {
  t.is(parseInstant('1h30s', 'since', now), now - 3_630_000)
  t.is(parseInstant('3s', 'until', now), now + 3000)
  t.is(parseInstant('-3s', 'until', now), now - 3000)
})

test('Unix times may have decimals', t => {
  t.is(parseInstant('1.5', 'since', now), 1500)
})

test('dates are in UTC unless they say where', t => {
  const instants: readonly (readonly [string, number])[] = [
    ['2026-01-02', now],
    ['2026-01-02Z', now],
    ['2026-01-02+01:00', now - 3_600_000],
    ['2026-01-02T00:00:01', now + 1000],
    ['2026-01-02T00:00:01.25', now + 1250],
    ['2026-01-02T00:00:01.123456789Z', now + 1123],
    ['2026-01-02T00:00:01,5-02:00', now + 7_201_500],
  ]
  for (const [text, at] of instants) t.is(parseInstant(text, 'until', now), at, text)
})

test('what is no time is refused', t => {
  for (const text of ['', 'x', '2026-13-01', 'Jan 1 2026', '2026-01-02 00:00:00'])
    t.throws(() => parseInstant(text, 'since', now), {
      instanceOf: UsageError,
      message: /parsing --since ".*": unable/,
    })
})
