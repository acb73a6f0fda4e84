import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { Engine } from '../../src/index.ts'

/** What is told of a runtime that says so of itself. */
async function toldOf(t: ExecutionContext, name: string, version: string) {
  const directory = await tempDir(t, 'info')
  const at = (part: string): string => join(directory, part)
  await writeFile(at(name), `#!/bin/sh\necho '${version}'\n`, { mode: 0o755 })
  const places = { root: at('root'), runRoot: at('run'), tmpDir: at('tmp'), networkConfigDir: at('networks') }
  await using engine = await Engine.open({ ...places, eventsBackend: 'file', runtime: at(name) })
  const { host } = await engine.system.info()
  return (host as { ociRuntime: { name: string; weaknesses?: readonly string[] } }).ociRuntime
}

test('a runtime whose version is known to be weak is told of with what is published', async t => {
  const old = await toldOf(t, 'runc', 'runc version 1.1.5\nspec: 1.0.2-dev')
  t.is(old.name, 'runc')
  t.true(old.weaknesses?.includes('CVE-2024-21626: a leaked descriptor lets a working directory be on the host'))
  t.is((await toldOf(t, 'runc', 'runc version 1.9.0')).weaknesses, undefined)
  t.is((await toldOf(t, 'other', 'other version 0.1')).weaknesses, undefined)
})
