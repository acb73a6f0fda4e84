import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { readLogs } from '../../src/index.ts'

test.serial('a line of 64 MB is read in parts, in little memory', async t => {
  const path = join(await tempDir(t), 'ctr.log')
  const megabyte = Buffer.alloc(1 << 20, 'x')
  const file = await open(path, 'w')
  await file.write('2026-01-01T00:00:00.000000000+00:00 stderr F ')
  for (let count = 0; count < 64; count++) await file.write(megabyte)
  await file.write('\n2026-01-01T00:00:01.000000000+00:00 stdout F after\n')
  await file.close()

  let bytes = 0
  let peak = 0
  const seen: string[] = []
  for await (const entry of readLogs({ driver: 'k8s-file', path })) {
    bytes += entry.message.length
    peak = Math.max(peak, entry.message.length)
    if (entry.message.length < 10) seen.push(`${entry.stream} ${entry.message}`)
    else if (!entry.partial) seen.push(`${entry.stream} end`)
  }
  t.is(bytes, 64 * megabyte.length + 'after'.length)
  t.true(peak <= megabyte.length)
  t.deepEqual(seen, ['stderr end', 'stdout after'])
})
