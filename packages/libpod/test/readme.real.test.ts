import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'

const here = import.meta.dirname
const examples = {
  'the package': [
    join(here, '../README.md'),
    [
      'got a line\n3\nCONTAINER_UNKNOWN\n',
      'running\n',
      "unhealthy\n[ [ 'PID', 'COMMAND' ], [ '1', 'sleep' ] ]\n137\n",
      'localhost/made:1 me 64\n',
      '0 true\n',
    ],
  ],
  'the whole': [join(here, '../../../README.md'), ['hello from sh\n0\n']],
} as const

for (const [name, [path, printed]] of Object.entries(examples)) {
  const blocks = [...readFileSync(path, 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)
  test(`the README of ${name} has as many examples as are known`, t => t.is(blocks.length, printed.length))
  for (const [at, code] of blocks.entries())
    test(`example ${at + 1} in the README of ${name} runs as printed`, t => {
      const file = join(here, `readme-example-${process.pid}-${name.replace(' ', '-')}-${at}.ts`)
      writeFileSync(file, code)
      t.teardown(() => rmSync(file, { force: true }))
      const flags = ['--conditions=development', '--disable-warning=ExperimentalWarning']
      const env = { ...process.env, FORCE_COLOR: '0' }
      t.is(execFileSync(process.execPath, [...flags, file], { env }).toString(), printed[at] ?? '')
    })
}
