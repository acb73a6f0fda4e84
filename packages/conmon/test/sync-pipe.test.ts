import { writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { close, pipe } from '@libpod/syscall'
import test from 'ava'
import { syncPipe } from '../src/sync-pipe.ts'

test('messages come one by one however they were cut, and nothing after the end', async t => {
  const { read, write } = pipe()
  using messages = syncPipe(read)
  const bytes = Buffer.from('{"data":1,"message":"größer"}\n{"data":2}\n')
  const first = messages.next()
  const within = bytes.indexOf('ö') + 1 // between its two bytes
  writeSync(write, bytes.subarray(0, within))
  await delay(20)
  writeSync(write, bytes.subarray(within))
  t.deepEqual(await first, { data: 1, message: 'größer' })
  t.deepEqual(await messages.next(), { data: 2, message: '' })
  close(write)
  t.is(await messages.next(), undefined)
})
