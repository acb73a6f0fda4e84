import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plainUser } from '@libpod/test-kit'
import test from 'ava'

const program = (index: string) => `
import { readlinkSync } from 'node:fs'
import { Engine, enterUserNamespace } from ${JSON.stringify(index)}
await enterUserNamespace([process.execPath, ...process.execArgv, ...process.argv.slice(1)])
await using engine = await Engine.open()
const { root, rootless } = engine.options
console.log(process.geteuid(), process.argv[2], rootless, root.startsWith(process.env.HOME), readlinkSync('/proc/self/ns/user'))
`

test('a program of a plain user begins again where the user’s containers are', async t => {
  const user = await plainUser(t)
  const file = join(user.directory, 'program.mjs')
  await writeFile(file, program(`${user.repository}/packages/libpod/src/index.ts`))
  const flags = ['--conditions=development', '--disable-warning=ExperimentalWarning']
  const told = await user.run([user.node, ...flags, file, 'word'])
  t.is(told.code, 0, told.stderr)
  const joined = await user.run(['podman', 'unshare', 'readlink', '/proc/self/ns/user'])
  t.is(told.stdout, `0 word yes true ${joined.stdout}`)
})
