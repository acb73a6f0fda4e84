import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import test from 'ava'

const example = new URL('../examples/render.ts', import.meta.url)

test('the example renders', async t => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=development', example.pathname])
  t.is(stdout, 'WEB   17, DB    23\n')
})

test('the README shows the example as it is', async t => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  t.true(readme.includes(await readFile(example, 'utf8')))
})
