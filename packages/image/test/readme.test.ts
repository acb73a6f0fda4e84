import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output, startRegistry, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { composeImage, copyImage, insecureAcceptAnything, parseImageName } from '../src/index.ts'
import { plainAccess } from './support/registry.ts'

const file = (name: string): URL => new URL(`../${name}`, import.meta.url)

test('every example of the README is a file that runs, and every such file is an example', async t => {
  const readme = await readFile(file('README.md'), 'utf8')
  const blocks = [...readme.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(found => found[1] ?? '')
  const names = await readdir(file('examples'))
  const examples = await Promise.all(names.map(name => readFile(file(`examples/${name}`), 'utf8')))
  t.deepEqual(blocks.sort(), examples.sort())
  t.true(readme.split('\n').length <= 190)
})

test('the examples run', async t => {
  const { host } = await startRegistry(t)
  const home = await tempDir(t, 'readme')
  await mkdir(join(home, '.config/containers'), { recursive: true })
  const accept = { default: [{ type: 'insecureAcceptAnything' }] }
  await writeFile(join(home, '.config/containers/policy.json'), JSON.stringify(accept))
  const registriesConf = join(home, '.config/containers/registries.conf')
  await writeFile(registriesConf, `[[registry]]\nlocation = "${host}"\ninsecure = true\n`)
  const image = composeImage({
    layers: [[{ path: 'etc/os-release', content: 'NAME=example\n' }]],
    config: { Labels: { stage: 'test' } },
  })
  const destination = await plainAccess(join(home, 'access'))
  await copyImage(image, parseImageName(`docker://${host}/team/app:1`), { policy: insecureAcceptAnything, destination })
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    REGISTRY: host,
    IMAGE: `${host}/team/app:1`,
    TARGET: `${host}/team/site:1`,
    REPOSITORY: `${host}/team/app`,
    DIRECTORY: join(home, 'images'),
  }
  const run = (name: string): Promise<string> =>
    output(process.execPath, ['--conditions=development', file(`examples/${name}`).pathname], { env })
  t.regex(await run('copy.ts'), /sha256:[0-9a-f]{64} \/bin\/cat \/etc\/motd/)
  t.regex(await run('look.ts'), /linux\/\w+ 1 layers test\n\[ '1' \]\nNAME=example/)
  t.regex(await run('extend.ts'), /^sha256:[0-9a-f]{64}\n$/)
  t.regex(await run('sync.ts'), /^dir:.*\/images\/app:1 sha256:[0-9a-f]{64}\n$/)
  t.regex(await run('transport.ts'), /^sha256:[0-9a-f]{64}\n$/)
  t.is(await run('trust.ts'), 'sha256: reject sigstoreSigned\nPOLICY_REJECTED reject sigstoreSigned\n')
})
