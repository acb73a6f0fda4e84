import { readFile } from 'node:fs/promises'
import test from 'ava'
import { compileSchemas } from '../../scripts/compile-schemas.ts'

test('the compiled validators are those of the schemas', async t => {
  const path = new URL('../../src/schema/validators.generated.ts', import.meta.url)
  t.is(await readFile(path, 'utf8'), await compileSchemas(), 'run: npm run schemas')
})
