import test from 'ava'
import { timestamp } from '../src/timestamp.ts'

test('a fraction has no zeros at its end, as Go writes it', t => {
  t.is(timestamp(new Date('2026-11-24T06:37:17.940Z')), '2026-11-24T06:37:17.94Z')
  t.is(timestamp(new Date('2026-11-24T06:37:17.000Z')), '2026-11-24T06:37:17Z')
  t.is(timestamp('2026-11-24T06:37:10.120300+01:00'), '2026-11-24T06:37:10.1203+01:00')
  t.is(timestamp('2026-11-24T06:37:10Z'), '2026-11-24T06:37:10Z')
})
