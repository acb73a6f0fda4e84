import { readFile } from 'node:fs/promises'
import { output } from '@libpod/test-kit'
import test from 'ava'

const file = (name: string): URL => new URL(`../${name}`, import.meta.url)

test('the example of the README is the file that runs', async t => {
  const readme = await readFile(file('README.md'), 'utf8')
  t.true(readme.includes(await readFile(file('examples/copy.ts'), 'utf8')))
  t.true(readme.split('\n').length <= 150)
})

test('the example runs', async t => {
  const said = await output(process.execPath, ['--conditions=development', file('examples/copy.ts').pathname])
  t.regex(said, /sha256:[0-9a-f]{64} \/bin\/cat \/etc\/motd/)
})
