import { readdirSync, readlinkSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { run, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { openBuildDirectory } from '../../src/build/temporary.ts'
import { setVariable } from '../containers/engine.ts'

test('a directory that cannot be removed is not held any more: a later build may sweep it', async t => {
  const parent = join(await tempDir(t, 'temporary'), 'parent')
  await mkdir(parent)
  setVariable(t, 'TMPDIR', parent)
  const directory = await openBuildDirectory()
  const lock = join(directory.path, 'lock')
  const holders = () => readdirSync('/proc/self/fd').filter(fd => targetOf(fd) === lock)
  t.is(holders().length, 1)
  await run('mount', ['-o', 'bind,ro', parent, parent])
  await t.throwsAsync(directory[Symbol.asyncDispose](), { code: 'EROFS' })
  t.deepEqual(holders(), [])
})

function targetOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return undefined
  }
}
