import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'

const here = import.meta.dirname

test('the examples of the README run as printed, and print what they say', t => {
  const blocks = readFileSync(join(here, '../README.md'), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)
  const code = [...blocks].map(([, block]) => block).join('\n')
  const said = [...code.matchAll(/^console\.log\(.*\/\/ (.*)$/gm)].map(([, text]) => text)
  t.true(said.length > 7)
  const file = join(here, `readme-example-${process.pid}.ts`)
  writeFileSync(file, `${code}\nawait store.close()\nrmSync(directory, { recursive: true })\n`)
  t.teardown(() => rmSync(file, { force: true }))
  const flags = ['--conditions=development', '--disable-warning=ExperimentalWarning']
  const printed = execFileSync(process.execPath, [...flags, file], { env: { ...process.env, FORCE_COLOR: '0' } })
  t.deepEqual(printed.toString().trim().split('\n'), said)
})
