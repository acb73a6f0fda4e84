import { readFile } from 'node:fs/promises'
import test from 'ava'
import { run } from './support/network.ts'

const example = new URL('../examples/attach.ts', import.meta.url)

test('the example leases an address', async t => {
  const { stdout } = await run(process.execPath, ['--conditions=development', example.pathname])
  t.is(stdout, '10.99.0.2/24\n')
})

test('the README shows the example as it is', async t => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  t.true(readme.includes(await readFile(example, 'utf8')))
})
