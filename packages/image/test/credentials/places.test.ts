import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { output, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import {
  type AccessOptions,
  getCredentials,
  isImageError,
  listCredentials,
  removeAllCredentials,
  removeCredentials,
  setCredentials,
} from '../../src/index.ts'

const encoded = (user: string): string => Buffer.from(`${user}:password of ${user}`).toString('base64')
const host = 'registry.example.com'

interface Home {
  readonly directory: string
  readonly access: AccessOptions
  put(path: string, document: object): Promise<void>
  user(key?: string, more?: AccessOptions): Promise<string | undefined>
}

/** A user of whom nothing is known yet. */
async function home(t: ExecutionContext): Promise<Home> {
  const directory = await tempDir(t, 'home')
  const runtime = join(directory, 'run')
  await mkdir(runtime)
  await writeFile(join(directory, 'registries.conf'), '')
  const access: AccessOptions = {
    registriesConf: join(directory, 'registries.conf'),
    shortNameAliasFile: join(directory, 'aliases.conf'),
    env: { HOME: directory, XDG_RUNTIME_DIR: runtime, PATH: '/usr/bin:/bin' },
  }
  return {
    directory,
    access,
    put: async (path, document) => {
      await mkdir(dirname(join(directory, path)), { recursive: true })
      await writeFile(join(directory, path), JSON.stringify(document))
    },
    user: async (key = host, more = {}) => (await getCredentials(key, { ...access, ...more }))?.username,
  }
}

const auths = (user: string, key = host) => ({ auths: { [key]: { auth: encoded(user) } } })

test('every place is looked into, in order, and skopeo finds the same', async t => {
  const { put, user, directory } = await home(t)
  const env = { PATH: '/usr/bin:/bin', HOME: directory, XDG_RUNTIME_DIR: join(directory, 'run') }
  const theirs = async () => (await output('skopeo', ['login', '--get-login', host], { env })).trim()
  await put('.dockercfg', { [`https://${host}/v1/`]: { auth: encoded('oldest') } })
  for (const [path, name] of [
    ['.dockercfg', 'oldest'],
    ['.docker/config.json', 'docker'],
    ['.config/containers/auth.json', 'config'],
    ['run/containers/auth.json', 'runtime'],
  ] as const) {
    if (path !== '.dockercfg') await put(path, auths(name))
    t.is(await user(), name)
    t.is(await theirs(), name)
  }
})

test('the environment moves places, and an explicit file is the only one', async t => {
  const { put, user, access, directory } = await home(t)
  await put('run/containers/auth.json', auths('runtime'))
  await put('elsewhere/config.json', auths('moved docker'))
  await put('xdg/containers/auth.json', auths('moved config'))
  await put('explicit.json', auths('explicit'))
  const env = (more: Record<string, string>) => ({ env: { ...access.env, XDG_RUNTIME_DIR: '/nonexistent', ...more } })
  t.is(await user(host, env({ DOCKER_CONFIG: join(directory, 'elsewhere') })), 'moved docker')
  t.is(await user(host, env({ XDG_CONFIG_HOME: join(directory, 'xdg') })), 'moved config')
  t.is(await user(host, env({ REGISTRY_AUTH_FILE: join(directory, 'explicit.json') })), 'explicit')
  t.is(await user(host, { authFile: join(directory, 'explicit.json') }), 'explicit')
  t.is(await user(host, { authFile: join(directory, 'none.json') }), undefined)
})

test("names of objects' own parts are keys like others", async t => {
  const { directory, user } = await home(t)
  await mkdir(join(directory, 'run/containers'), { recursive: true })
  await writeFile(join(directory, 'run/containers/auth.json'), `{"auths":{"__proto__":{"auth":"${encoded('x')}"}}}`)
  for (const key of ['__proto__', 'constructor', 'toString'])
    t.is(await user(key), key === '__proto__' ? 'x' : undefined)
  t.is(({} as Record<string, unknown>).auth, undefined)
})

/** A helper that keeps everything in a file of lines `server user secret`. */
const helper = (directory: string, name: string): string => `#!/bin/sh
store=${directory}/${name}.store; touch $store; echo "$1" >> ${directory}/${name}.calls
case $1 in
  list) echo "{$(sed 's/^\\([^ ]*\\) \\([^ ]*\\) .*/"\\1":"\\2"/' $store | paste -sd,)}" ;;
  store) sed 's/.*"ServerURL":"\\([^"]*\\)".*"Username":"\\([^"]*\\)".*"Secret":"\\([^"]*\\)".*/\\1 \\2 \\3/' >> $store; echo >> $store; sed -i '/^$/d' $store ;;
  get) read server; line=$(grep "^$server " $store) || { echo "credentials not found in native keychain"; exit 1; }
       set -- $line; echo "{\\"ServerURL\\":\\"$1\\",\\"Username\\":\\"$2\\",\\"Secret\\":\\"$3\\"}" ;;
  erase) read server; sed -i "/^$server /d" $store ;;
esac
`

async function withHelper(t: ExecutionContext, name: string): Promise<Home> {
  const at = await home(t)
  const path = join(at.directory, `docker-credential-${name}`)
  await writeFile(path, helper(at.directory, name))
  await chmod(path, 0o755)
  const before = process.env.PATH
  process.env.PATH = `${at.directory}:${before}`
  t.teardown(() => {
    process.env.PATH = before
  })
  return at
}

test.serial('a helper of one host: stored, got, listed and erased, and the file keeps nothing', async t => {
  const { put, access, user, directory } = await withHelper(t, 'one')
  await put('run/containers/auth.json', { credHelpers: { [host]: 'one' } })
  t.is(await setCredentials(host, { username: 'u', password: 'p' }, access), 'credential helper: one')
  t.deepEqual(await getCredentials(`${host}/team/app`, access), { username: 'u', password: 'p' })
  t.deepEqual(
    [...(await listCredentials(access))].map(([key, { username }]) => [key, username]),
    [[host, 'u']],
  )
  t.notRegex(await readFile(join(directory, 'run/containers/auth.json'), 'utf8'), /auth"/)
  await removeCredentials(host, access)
  t.is(await user(), undefined)
  t.true(isImageError(await t.throwsAsync(removeCredentials(host, access)), 'CREDENTIALS_UNKNOWN'))
  await setCredentials(`${host}/team`, { username: 'file', password: 'p' }, access)
  t.is(await user(`${host}/team`), undefined)
  t.regex(await readFile(join(directory, 'run/containers/auth.json'), 'utf8'), /registry\.example\.com\/team/)
  const calls = (await readFile(join(directory, 'one.calls'), 'utf8')).trim().split('\n')
  for (const verb of ['store', 'get', 'list', 'erase']) t.true(calls.includes(verb))
})

test.serial(
  'helpers that registries.conf names: the first stores, each is asked, a broken one only when nobody knows',
  async t => {
    const { access, user, put, directory } = await withHelper(t, 'general')
    const conf = join(directory, 'registries.conf')
    await writeFile(conf, 'credential-helpers = ["general", "containers-auth.json"]\n')
    t.is(await setCredentials(host, { username: 'kept', password: 'p' }, access), 'credential helper: general')
    t.is(await user(`${host}/x`), 'kept')
    await put('run/containers/auth.json', auths('filed', 'other.example.com'))
    t.is(await user('other.example.com'), 'filed')
    await writeFile(conf, 'credential-helpers = ["broken", "containers-auth.json"]\n')
    t.is(await user('other.example.com'), 'filed')
    const error = await t.throwsAsync(getCredentials(host, access))
    t.true(isImageError(error, 'CREDENTIALS_INVALID') && error.message.includes('docker-credential-broken'))
    await writeFile(conf, 'credential-helpers = ["general"]\n')
    const namespaced = setCredentials(`${host}/team`, { username: 'u', password: 'p' }, access)
    await t.throwsAsync(namespaced, { code: 'CREDENTIALS_INVALID' })
    await removeAllCredentials(access)
    t.is(await user(), undefined)
  },
)

for (const name of ['../x', '', 'a b', '-x']) {
  test(`a helper called ${JSON.stringify(name)} is never run`, async t => {
    const { put, access } = await home(t)
    await put('run/containers/auth.json', { credHelpers: { [host]: name } })
    await t.throwsAsync(getCredentials(host, access), { code: 'CREDENTIALS_INVALID' })
  })
}

for (const [what, document] of Object.entries({
  'a number for credentials': { auths: { [host]: { auth: 5 } } },
  'a list of hosts': { auths: [host] },
  'a text for a host': { auths: { [host]: 'secret' } },
  'a number for a helper': { credHelpers: { [host]: 7 } },
})) {
  test(`${what} in a file is an error that names the file and not what it holds`, async t => {
    const { put, access, directory } = await home(t)
    await put('run/containers/auth.json', document)
    const error = await t.throwsAsync(getCredentials(host, access), { code: 'CREDENTIALS_INVALID' })
    t.true(error?.message.includes(`${directory}/run/containers/auth.json`))
    t.notRegex(error?.message ?? '', /secret/)
  })
}
