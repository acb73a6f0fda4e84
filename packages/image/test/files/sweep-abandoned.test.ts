import { spawnSync } from 'node:child_process'
import { readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { BlobWriter } from '../../src/files/blob-writer.ts'

test('what killed writers left goes with the next blob; what somebody may still write stays', async t => {
  const directory = await tempDir(t, 'abandoned')
  const { pid: dead } = spawnSync(process.execPath, ['--version'])
  const names = [`.tmp-${dead}-0`, `.tmp-${dead}-1`, `.tmp-${process.pid}-9999`, '.tmp-other']
  for (const name of names) writeFileSync(join(directory, name), 'part')
  for (const name of names.filter(each => !each.endsWith('-1'))) utimesSync(join(directory, name), 0, 0)
  const writer = new BlobWriter(directory, digest => digest.slice('sha256:'.length))
  async function* bytes() {
    yield Buffer.from('x')
  }
  const { digest } = await writer.write(bytes())
  const left = [`.tmp-${dead}-1`, `.tmp-${process.pid}-9999`, '.tmp-other', digest.slice('sha256:'.length)]
  t.deepEqual(readdirSync(directory).sort(), left.sort())
})
