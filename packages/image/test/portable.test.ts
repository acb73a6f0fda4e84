import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output, plainEnvironment, tempDir } from '@libpod/test-kit'
import test from 'ava'

const package_ = new URL('../', import.meta.url)

/** Everything that the package's files import, at once or later, and where. */
async function imports(): Promise<ReadonlyMap<string, readonly string[]>> {
  const found: [string, string][] = []
  for await (const file of glob('src/**/*.ts', { cwd: package_ })) {
    const text = await readFile(new URL(file, package_), 'utf8')
    for (const [, name = ''] of text.matchAll(/(?:from |import\(|import )'([^']+)'/g)) found.push([name, file])
  }
  return new Map(
    [...Map.groupBy(found, ([name]) => name)].map(([name, places]) => [name, places.map(([, file]) => file)]),
  )
}

test('nothing is imported but Node, what package.json names, and the files beside', async t => {
  const { dependencies } = JSON.parse(await readFile(new URL('package.json', package_), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const outside = [...(await imports()).keys()].filter(name => !name.startsWith('.') && !name.startsWith('node:'))
  t.deepEqual(outside.toSorted(), Object.keys(dependencies).toSorted())
})

test('where there are no user numbers and no Linux, images are made, copied, signed, checked and read all the same', async t => {
  const directory = await tempDir(t, 'portable')
  const index = new URL('src/index.ts', package_).href
  const script = `
    Object.defineProperty(process, 'platform', { value: 'win32' })
    for (const name of ['getuid', 'geteuid', 'getgid', 'getegid']) delete process[name]
    const image = await import(${JSON.stringify(index)})
    const { privateKey, publicKey } = image.generateCosignKey('x')
    const signBy = [image.sigstoreSigner(image.readCosignKey(privateKey, 'x'))]
    const made = image.composeImage({ layers: [[{ path: 'etc/motd', content: 'hello' }]] })
    const signed = image.parseImageName('dir:${join(directory, 'signed')}')
    const policy = image.insecureAcceptAnything
    await image.copyImage(made, signed, { policy, signBy, signIdentity: 'example.com/a:1' })
    const wanted = [{ type: 'sigstoreSigned', keyData: Buffer.from(publicKey).toString('base64'),
      signedIdentity: { type: 'exactReference', dockerReference: 'example.com/a:1' } }]
    const strict = image.parsePolicy(JSON.stringify({ default: [{ type: 'reject' }], transports: { dir: { '': wanted } } }))
    const to = image.parseImageName('oci-archive:${join(directory, 'image.tar')}:a')
    await image.copyImage(signed, to, { policy: strict, signatures: 'remove', compression: 'zstd:chunked', forceCompression: 'yes' })
    console.log(Buffer.from(await image.readImageFile(to, 'etc/motd')).toString())
    console.log(image.authFilePaths()[0].path, image.aliasFile(), (await image.loadRegistries()).tables.length)
    await image.getCredentials('example.com').catch(error => console.log(error.code))`
  const env = {
    ...plainEnvironment,
    PATH: process.env.PATH ?? '',
    HOME: directory,
    CONTAINERS_REGISTRIES_CONF: '/dev/null',
  }
  const said = await output(process.execPath, ['--conditions=development', '--input-type=module', '-e', script], {
    env,
  })
  const [motd, places] = said.split('\n')
  t.is(motd, 'hello')
  t.is(places?.split(' ')[0], join(directory, '.config/containers/auth.json'))
  t.is(places?.split(' ')[1], join(directory, '.cache/containers/short-name-aliases.conf'))
})

test('a user who did not log in and may look into no directory of the system has no credentials, and that is no error', async t => {
  const index = new URL('src/index.ts', package_).href
  const script = `
    const { authFilePaths, getCredentials } = await import(${JSON.stringify(index)})
    console.log(authFilePaths()[0].path, await getCredentials('example.com'))`
  const node = [process.execPath, '--conditions=development', '--input-type=module', '-e', script]
  const env = { ...plainEnvironment, PATH: process.env.PATH ?? '', HOME: '/nonexistent' }
  const said = await output('setpriv', ['--reuid', '65534', '--regid', '65534', '--clear-groups', ...node], { env })
  t.is(said.trim(), '/run/containers/65534/auth.json undefined')
})
