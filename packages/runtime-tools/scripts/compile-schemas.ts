import { readFile, writeFile } from 'node:fs/promises'
import { Ajv } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'

const directory = new URL('../src/schema/', import.meta.url)

/** The text of the module that validates what the schemas describe: no compiler is needed where it runs. */
export async function compileSchemas(): Promise<string> {
  const ajv = new Ajv({ allErrors: true, strict: true, inlineRefs: false, code: { source: true, esm: true } })
  for (const name of ['spec', 'cdi']) {
    ajv.addSchema(JSON.parse(await readFile(new URL(`${name}.schema.json`, directory), 'utf8')), name)
  }
  const code = standalone.default(ajv, { checkSpec: 'spec', checkCdi: 'cdi' })
  return `// @ts-nocheck: made by scripts/compile-schemas.ts; change the schemas instead.\n// biome-ignore-all lint: generated\n// biome-ignore-all format: generated\n${code}`
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  await writeFile(new URL('validators.generated.ts', directory), await compileSchemas())
}
