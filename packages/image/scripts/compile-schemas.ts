import { readFile, writeFile } from 'node:fs/promises'
import { Ajv } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'

const directory = new URL('../src/schema/', import.meta.url)

/** Names of the checks, and of the definitions that they are made of. */
const checks: Readonly<Record<string, string>> = {
  isImage: 'image',
  isIndex: 'index',
  isAuthFile: 'authFile',
  isAuths: 'auths',
  isHelperCredentials: 'helperCredentials',
  isStringMap: 'stringMap',
  isTokenReply: 'tokenReply',
  isSearchReply: 'searchReply',
}

/** The text of the module that validates what the schemas describe: no compiler is needed where it runs. */
export async function compileSchemas(): Promise<string> {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, inlineRefs: false, code: { source: true, esm: true } })
  ajv.addSchema(JSON.parse(await readFile(new URL('documents.schema.json', directory), 'utf8')))
  const entries = Object.entries(checks).map(([name, definition]) => [name, `documents#/definitions/${definition}`])
  const code = standalone.default(ajv, Object.fromEntries(entries))
  return `// @ts-nocheck: made by scripts/compile-schemas.ts; change the schemas instead.\n// biome-ignore-all lint: generated\n// biome-ignore-all format: generated\n${code}`
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  await writeFile(new URL('validators.generated.ts', directory), await compileSchemas())
}
