import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'

const here = import.meta.dirname
const examples = {
  'the package': [join(here, '../README.md'), 'got a line\n3\nCONTAINER_UNKNOWN\n'],
  'the whole': [join(here, '../../../README.md'), 'hello from sh\n0\n'],
} as const

for (const [name, [path, printed]] of Object.entries(examples)) {
  test(`the example in the README of ${name} runs as printed`, t => {
    const code = /```ts\n([\s\S]*?)```/.exec(readFileSync(path, 'utf8'))?.[1] ?? ''
    const file = join(here, `readme-example-${process.pid}-${name.replace(' ', '-')}.ts`)
    writeFileSync(file, code)
    t.teardown(() => rmSync(file, { force: true }))
    const flags = ['--conditions=development', '--disable-warning=ExperimentalWarning']
    t.is(
      execFileSync(process.execPath, [...flags, file], { env: { ...process.env, FORCE_COLOR: '0' } }).toString(),
      printed,
    )
  })
}
