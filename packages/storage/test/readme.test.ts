import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'

const here = import.meta.dirname

test('the example of the README runs as printed', t => {
  const code = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(here, '../README.md'), 'utf8'))?.[1] ?? ''
  const file = join(here, `readme-example-${process.pid}.ts`)
  const cleanUp = "import { rmSync } from 'node:fs'\nrmSync(directory, { recursive: true })\n"
  writeFileSync(file, `${code}\nawait store.close()\n${cleanUp}`)
  t.teardown(() => rmSync(file, { force: true }))
  const flags = ['--conditions=development', '--disable-warning=ExperimentalWarning']
  t.is(
    execFileSync(process.execPath, [...flags, file], { env: { ...process.env, FORCE_COLOR: '0' } }).toString(),
    'true\n1\n',
  )
})
