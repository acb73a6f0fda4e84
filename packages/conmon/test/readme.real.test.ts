import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'

const here = import.meta.dirname

test('the example in the README runs as printed', t => {
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(here, '../README.md'), 'utf8')) ?? []
  const file = join(here, `readme-example-${process.pid}.ts`)
  writeFileSync(file, code)
  t.teardown(() => rmSync(file, { force: true }))
  const flags = ['--conditions=development', '--disable-warning=ExperimentalWarning']
  const said = execFileSync(process.execPath, [...flags, file], { env: { ...process.env, NO_COLOR: '1' } }).toString()
  t.regex(said, /^\[ 'stdout: hello\\n' \]\n0\n\d{4}-\d\d-\d\dT\S+ hello\n$/)
})
