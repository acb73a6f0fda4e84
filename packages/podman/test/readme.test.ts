import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'

test('the example of the README runs as printed', t => {
  const code = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(import.meta.dirname, '../README.md'), 'utf8'))?.[1] ?? ''
  const file = join(import.meta.dirname, `readme-example-${process.pid}.ts`)
  writeFileSync(file, code)
  t.teardown(() => rmSync(file, { force: true }))
  t.is(
    execFileSync(process.execPath, ['--conditions=development', file], {
      env: { ...process.env, FORCE_COLOR: '0' },
    }).toString(),
    'podman version 5.8.2\n',
  )
})
