import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { programOf } from '../../src/runtimes/program.ts'

test('crun is run from one copy of it as long as it stays as it is; other runtimes, and what cannot be copied, from their own file', t => {
  const directory = mkdtempSync(join(tmpdir(), 'program-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const [crun, runc] = ['crun', 'runc'].map(name => join(directory, name)) as [string, string]
  copyFileSync('/bin/true', crun)
  copyFileSync('/bin/true', runc)
  const copy = programOf(crun)
  t.regex(copy, /^\/proc\/\d+\/fd\/\d+$/)
  t.deepEqual(readFileSync(copy), readFileSync(crun))
  t.is(programOf(crun), copy)
  writeFileSync(crun, 'an update')
  t.is(readFileSync(programOf(crun), 'utf8'), 'an update')
  t.is(programOf(runc), runc)
  const missing = join(directory, 'none/crun')
  t.is(programOf(missing), missing)
})
