import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startRegistry, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import {
  type AccessOptions,
  checkLogin,
  copyImage,
  getCredentials,
  insecureAcceptAnything,
  isImageError,
  listCredentials,
  listRepositories,
  listTags,
  parseDockerReference,
  parseImageName,
  removeAllCredentials,
  removeCredentials,
  searchRegistry,
  setCredentials,
} from '../../src/index.ts'
import { randomImage } from '../../src/testing/index.ts'
import { plainAccess } from '../support/registry.ts'

const encoded = (text: string): string => Buffer.from(text).toString('base64')

async function accessWith(t: ExecutionContext, document: object): Promise<AccessOptions> {
  const access = await plainAccess(await tempDir(t, 'auth'))
  await writeFile(access.authFile ?? '', JSON.stringify(document), { mode: 0o600 })
  return access
}

const user = async (key: string, access: AccessOptions) => (await getCredentials(key, access))?.username

test('the most specific entry speaks', async t => {
  const access = await accessWith(t, {
    auths: {
      'a.example.com': { auth: encoded('host:x') },
      'a.example.com/team': { auth: encoded('team:x') },
      'a.example.com/team/app': { auth: encoded('app:x:y') },
      'https://b.example.com/v1/': { auth: encoded('docker:x') },
      'c.example.com/team': { auth: encoded('only-team:x') },
    },
  })
  t.is(await user('a.example.com/team/app', access), 'app')
  t.is((await getCredentials('a.example.com/team/app', access))?.password, 'x:y')
  t.is(await user('a.example.com/team/other', access), 'team')
  t.is(await user('a.example.com/teams', access), 'host')
  t.is(await user('b.example.com/x', access), 'docker')
  t.is(await user('c.example.com/other', access), undefined)
  t.is(await user('a.example.com:5000/team', access), undefined)
})

test('the historic names of the default registry are one', async t => {
  const access = await accessWith(t, { auths: { 'https://index.docker.io/v1/': { auth: encoded('hub:x') } } })
  t.is(await user('docker.io/library/busybox', access), 'hub')
})

test('credentials are stored, listed and removed, and nobody else may read the file', async t => {
  const access = await accessWith(t, { auths: {}, other: 'kept' })
  await setCredentials('a.example.com/team', { username: 'u', password: 'p' }, access)
  t.is(await user('a.example.com/team/x', access), 'u')
  t.deepEqual([...(await listCredentials(access)).keys()], ['a.example.com/team'])
  t.is((await stat(access.authFile ?? '')).mode & 0o777, 0o600)
  t.like(JSON.parse(await readFile(access.authFile ?? '', 'utf8')), { other: 'kept' })
  await t.throwsAsync(removeCredentials('a.example.com', access), { code: 'CREDENTIALS_UNKNOWN' })
  await removeCredentials('a.example.com/team', access)
  await setCredentials('b.example.com', { username: 'u', password: 'p' }, access)
  await removeAllCredentials(access)
  t.is((await listCredentials(access)).size, 0)
})

test('a broken file is told without its content', async t => {
  const access = await accessWith(t, {})
  await writeFile(access.authFile ?? '', '{"auths":{"a":{"auth":"c2VjcmV0')
  const error = await t.throwsAsync(getCredentials('a', access))
  t.true(isImageError(error, 'CREDENTIALS_INVALID'))
  t.notRegex(String(error?.stack), /c2VjcmV0/)
})

test.serial('a credential helper is asked by its host, with an environment of its own', async t => {
  const access = await accessWith(t, { credHelpers: { 'a.example.com': 'suite-test' } })
  const bin = join(await tempDir(t, 'bin'), 'bin')
  await mkdir(bin)
  const helper = join(bin, 'docker-credential-suite-test')
  await writeFile(
    helper,
    `#!/bin/sh
read server
[ -n "$SECRET_OF_OURS" ] && exit 9
case "$1:$server" in
  get:a.example.com) echo '{"ServerURL":"a.example.com","Username":"<token>","Secret":"identity"}';;
  *) echo "credentials not found in native keychain"; exit 1;;
esac
`,
  )
  await chmod(helper, 0o755)
  const path = process.env.PATH
  process.env.PATH = `${bin}:${path}`
  process.env.SECRET_OF_OURS = 'x'
  t.teardown(() => {
    process.env.PATH = path
    delete process.env.SECRET_OF_OURS
  })
  t.like(await getCredentials('a.example.com/team', access), { identityToken: 'identity' })
  t.is(await getCredentials('b.example.com', access), undefined)
})

for (const scheme of ['http', 'https'] as const) {
  test(`a registry with an account over ${scheme}: login, push, tags, catalogue, search`, async t => {
    const account = { username: 'someone', password: 'pass word' }
    const registry = await startRegistry(t, { scheme, account })
    const base = await plainAccess(await tempDir(t, 'login'))
    const access: AccessOptions = { ...base, credentials: account }
    t.true(
      isImageError(
        await t.throwsAsync(checkLogin(registry.host, { ...account, password: 'wrong' }, base)),
        'UNAUTHORIZED',
      ),
    )
    await t.notThrowsAsync(checkLogin(registry.host, account, base))
    const to = (tag: string) => parseImageName(`docker://${registry.host}/team/app:${tag}`)
    const push = (tag: string, destination: AccessOptions) =>
      copyImage(randomImage({ seed: tag }), to(tag), { policy: insecureAcceptAnything, destination })
    t.true(isImageError(await t.throwsAsync(push('x', base)), 'UNAUTHORIZED'))
    for (const tag of ['a', 'b']) await push(tag, access)
    t.deepEqual((await listTags(parseDockerReference(`${registry.host}/team/app`), access)).sort(), ['a', 'b'])
    t.deepEqual(await listRepositories(registry.host, access), ['team/app'])
    t.deepEqual(
      (await searchRegistry(registry.host, 'app', { access })).map(({ name }) => name),
      ['team/app'],
    )
    await to('a').delete?.(access)
    t.deepEqual(await listTags(parseDockerReference(`${registry.host}/team/app`), access), ['b'])
  })
}
