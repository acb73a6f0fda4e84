import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Authority,
  type Behaviour,
  type HostileServer,
  hostileServer,
  makeAuthority,
  namedHosts,
  output,
  plainEnvironment,
  type ServerTls,
  tempDir,
} from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import {
  type AccessOptions,
  checkLogin,
  copyImage,
  deleteImage,
  digestOf,
  generateCosignKey,
  insecureAcceptAnything,
  isImageError,
  listReferrers,
  listRepositories,
  listTags,
  parseDockerReference,
  parseImageName,
  readCosignKey,
  readManifest,
  searchRegistry,
  sigstoreSigner,
} from '../../../src/index.ts'
import { randomImage } from '../../../src/testing/index.ts'
import { account, basic, pull, refuses } from '../../support/pull.ts'
import { plainAccess } from '../../support/registry.ts'
import { but, servedImage } from '../../support/served-image.ts'

// Credentials, client certificates and leniency belong to one origin: security rows 41 to 46 and N10.

const policy = insecureAcceptAnything
const image = await servedImage(randomImage({ seed: 'origins' }))

interface World {
  readonly directory: string
  readonly authority: Authority
  tls(names: string, more?: Partial<ServerTls>): Promise<ServerTls>
  access(more?: AccessOptions): Promise<AccessOptions>
}

async function world(t: ExecutionContext): Promise<World> {
  const directory = await tempDir(t, 'origins')
  const authority = await makeAuthority(directory)
  let made = 0
  return {
    directory,
    authority,
    tls: async (names, more = {}) => {
      const issued = await authority.issue(`server-${made++}`, names)
      return { key: await readFile(issued.key, 'utf8'), cert: await readFile(issued.certificate, 'utf8'), ...more }
    },
    access: async more => {
      const certDir = join(directory, `certs-${made++}`)
      await mkdir(certDir)
      await writeFile(join(certDir, 'ca.crt'), await readFile(authority.certificate))
      const base = await plainAccess(join(directory, `access-${made++}`), { retries: 0, credentials: account })
      const { tlsVerify: _, ...checked } = base
      return { ...checked, certDir, ...more }
    },
  }
}

const wantsBearer =
  (realm: string): Behaviour =>
  ({ headers }, response) => {
    if (headers.authorization !== 'Bearer abc')
      response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="s"` }).end()
  }
const givesToken: Behaviour = (_, response) => response.end('{"token":"abc"}')
const authorizations = ({ seen }: HostileServer) => seen.map(({ headers }) => headers.authorization)

test('a Bearer challenge of a redirect target is not answered: no token is fetched in its name', async t => {
  const { access } = await world(t)
  const thief = await hostileServer(t, ({ path, headers }, response) => {
    if (path.startsWith('/token')) return response.end('{"token":"stolen"}')
    return response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${headers.host}/token"` }).end()
  })
  const registry = await hostileServer(
    t,
    but(({ path, headers }, response) => {
      if (headers.authorization !== basic)
        return response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
      if (path.includes('/manifests/'))
        return response.writeHead(307, { location: `http://${thief.host}${path}` }).end()
      return undefined
    }, image.serve),
  )
  refuses(t, await pull(t, registry.host, await access({ tlsVerify: 'no' })), 'UNAUTHORIZED')
  t.deepEqual(
    thief.seen.map(({ path }) => path.split('/')[1]),
    ['v2'],
  )
  t.deepEqual(authorizations(thief), [undefined])
})

test('user names in a redirect and in an upload location are dropped', async t => {
  const { access } = await world(t)
  const other = await hostileServer(t, image.serve)
  const registry = await hostileServer(
    t,
    but(({ method, path, headers }, response) => {
      if (path.includes('/blobs/uploads')) {
        const location = `http://who:what@${headers.host}/v2/team/app/blobs/uploads/1?state=x`
        return response.writeHead(method === 'PUT' ? 201 : 202, { location }).end()
      }
      if (method === 'GET' && path.includes('/blobs/'))
        return response.writeHead(302, { location: `http://who:what@${other.host}${path}` }).end()
      if (method === 'HEAD') return response.writeHead(404).end()
      return method === 'PUT' ? response.writeHead(201).end() : undefined
    }, image.serve),
  )
  const source = await access({ tlsVerify: 'no', credentials: 'anonymous' })
  t.is((await pull(t, registry.host, source)).error, undefined)
  t.true(other.seen.length > 0)
  const to = parseImageName(`docker://${registry.host}/team/app:2`)
  await copyImage(randomImage({ seed: 'origins' }), to, { policy, destination: source })
  t.deepEqual(new Set([...authorizations(other), ...authorizations(registry)]), new Set([undefined]))
})

const realms: readonly (readonly [string, string, AccessOptions, 'credentials' | 'anonymous' | 'FORBIDDEN'])[] = [
  ['of its own domain', 'https://auth.example.com/token', {}, 'credentials'],
  ['of its own domain, over http', 'http://auth.example.com/token', {}, 'FORBIDDEN'],
  ['of another domain', 'https://auth.example.net/token', {}, 'anonymous'],
  [
    'of another domain that the user trusts',
    'https://auth.example.net/token',
    { tokenServers: ['auth.example.net'] },
    'credentials',
  ],
  [
    'of another domain with another port trusted',
    'https://auth.example.net/token',
    { tokenServers: ['auth.example.net:444'] },
    'anonymous',
  ],
  ['whose domain only ends alike', 'https://auth.badexample.com/token', {}, 'anonymous'],
]

for (const [what, realm, more, expected] of realms) {
  test(`a token server ${what}: ${expected}`, async t => {
    const { access, tls } = await world(t)
    const certificate = await tls(
      'DNS:registry.example.com,DNS:auth.example.com,DNS:auth.example.net,DNS:auth.badexample.com',
    )
    const tokens = await hostileServer(t, givesToken, certificate)
    const registry = await hostileServer(t, but(wantsBearer(realm), image.serve), certificate)
    const { proxy } = await namedHosts(t, {
      'registry.example.com': registry.port,
      [new URL(realm).hostname]: tokens.port,
    })
    const base = await access(more)
    const source = { ...base, env: { ...base.env, HTTPS_PROXY: proxy, HTTP_PROXY: proxy } }
    const pulled = await pull(t, 'registry.example.com', source)
    if (expected === 'FORBIDDEN') {
      refuses(t, pulled, 'FORBIDDEN')
      t.true((pulled.error as Error).message.includes('registry.example.com'))
      t.deepEqual(tokens.seen, [])
      return
    }
    t.is(pulled.error, undefined)
    t.true(authorizations(tokens).length > 0)
    for (const sent of authorizations(tokens)) t.is(sent, expected === 'credentials' ? basic : undefined)
    if (expected === 'anonymous') for (const { path } of tokens.seen) t.notRegex(path, /account=/)
  })
}

test('leniency for a registry is not for a token server elsewhere', async t => {
  const { access, tls } = await world(t)
  const tokens = await hostileServer(t, givesToken, await tls('DNS:nobody.example.org'))
  const registry = await hostileServer(
    t,
    but(wantsBearer('https://auth.example.com/token'), image.serve),
    await tls('DNS:nobody.example.org'),
  )
  const { proxy } = await namedHosts(t, { 'registry.example.com': registry.port, 'auth.example.com': tokens.port })
  const base = await access({ tlsVerify: 'no' })
  const { error } = await pull(t, 'registry.example.com', { ...base, env: { ...base.env, HTTPS_PROXY: proxy } })
  t.true(error instanceof Error)
  t.deepEqual(tokens.seen, [])
  t.true(registry.seen.length > 0)
})

test('a client certificate is shown to the registry, and to nobody it names', async t => {
  const { access, tls, authority } = await world(t)
  const ca = await readFile(authority.certificate, 'utf8')
  const storage = await hostileServer(t, image.serve, await tls('IP:127.0.0.1', { ca }))
  const registry = await hostileServer(
    t,
    but(({ path, shown }, response) => {
      if (shown !== 'someone') return response.writeHead(403).end()
      if (path.includes('/blobs/')) return response.writeHead(307, { location: `https://${storage.host}${path}` }).end()
      return undefined
    }, image.serve),
    await tls('IP:127.0.0.1', { ca }),
  )
  const source = await access()
  const { certificate, key } = await authority.issue('someone', 'DNS:someone.example.com')
  refuses(t, await pull(t, registry.host, source), 'REGISTRY_UNREACHABLE')
  await writeFile(join(source.certDir ?? '', 'client.cert'), await readFile(certificate))
  const incomplete = await pull(t, registry.host, source)
  refuses(t, incomplete, 'CREDENTIALS_INVALID')
  t.regex(String(incomplete.error), /missing key client\.key for client certificate client\.cert/)
  await writeFile(join(source.certDir ?? '', 'client.key'), await readFile(key))
  t.is((await pull(t, registry.host, source)).error, undefined)
  t.deepEqual(new Set(storage.seen.map(({ shown }) => shown)), new Set([undefined]))
  t.true(storage.seen.length > 0)
})

test('a redirect from TLS to plain http is refused', async t => {
  const { access, tls } = await world(t)
  const plain = await hostileServer(t, image.serve)
  const registry = await hostileServer(
    t,
    but(({ path }, response) => {
      if (path.includes('/blobs/')) response.writeHead(307, { location: `http://${plain.host}${path}` }).end()
    }, image.serve),
    await tls('IP:127.0.0.1'),
  )
  const pulled = await pull(t, registry.host, await access())
  refuses(t, pulled, 'FORBIDDEN')
  t.true(String(pulled.error).includes(registry.host))
  t.deepEqual(plain.seen, [])
})

const digest = digestOf('x')
const everyWayIn: Readonly<Record<string, (host: string, access: AccessOptions) => Promise<unknown>>> = {
  'copying from it': (host, source) =>
    copyImage(parseImageName(`docker://${host}/a:1`), parseImageName('dir:/nonexistent/x'), { policy, source }),
  'copying to it': (host, destination) =>
    copyImage(randomImage({ seed: 'x' }), parseImageName(`docker://${host}/a:1`), { policy, destination }),
  'reading a manifest': (host, access) => readManifest(parseImageName(`docker://${host}/a:1`), { access }),
  'listing tags': (host, access) => listTags(parseDockerReference(`${host}/a`), access),
  'listing repositories': (host, access) => listRepositories(host, access),
  searching: (host, access) => searchRegistry(host, 'a', { access }),
  'listing referrers': (host, access) => listReferrers(parseDockerReference(`${host}/a`), digest, { access }),
  deleting: (host, access) => deleteImage(parseImageName(`docker://${host}/a:1`), access),
  'logging in': (host, access) => checkLogin(host, account, access),
}

for (const [what, doing] of Object.entries(everyWayIn)) {
  test(`a certificate of nobody: ${what} fails, and nothing is sent`, async t => {
    const { access, tls } = await world(t)
    const server = await hostileServer(t, image.serve, await tls('IP:127.0.0.1'))
    const { certDir: _, ...strangers } = await access()
    const error = await t.throwsAsync(doing(server.host, strangers))
    t.true(isImageError(error, 'REGISTRY_UNREACHABLE'), String(error))
    t.true(error?.message.includes(server.host))
    t.deepEqual(server.seen, [])
  })
}

test('signatures are not read from a lookaside server with a certificate of nobody, not even when the registry is let be', async t => {
  const { access, tls } = await world(t)
  const server = await hostileServer(t, (_, response) => response.writeHead(404).end(), await tls('IP:127.0.0.1'))
  const registry = await hostileServer(t, image.serve)
  const { certDir: _, ...source } = await access({ tlsVerify: 'no' })
  await writeFile(
    join(source.registriesDir ?? '', 'default.yaml'),
    `default-docker:\n  lookaside: https://${server.host}/\n`,
  )
  t.true((await pull(t, registry.host, source)).error instanceof Error)
  t.deepEqual(server.seen, [])
})

test('signatures are not logged with a server with a certificate of nobody', async t => {
  const { tls } = await world(t)
  const server = await hostileServer(t, (_, response) => response.writeHead(201).end('{}'), await tls('IP:127.0.0.1'))
  const { privateKey } = generateCosignKey('passphrase')
  const signer = sigstoreSigner(readCosignKey(privateKey, 'passphrase'), { rekor: new URL(`https://${server.host}`) })
  const error = await t.throwsAsync(signer.sign(digest, parseDockerReference('example.com/a:1')), {
    code: 'SIGNING_FAILED',
  })
  t.true(error?.message.includes(server.host))
  t.deepEqual(server.seen, [])
})

test('pages that a list names elsewhere are asked of the registry itself, and lists in a circle end', async t => {
  const { access } = await world(t)
  const thief = await hostileServer(t, (_, response) => response.end('{"tags":["stolen"]}'))
  const registry = await hostileServer(t, ({ path }, response) => {
    if (path === '/v2/') return response.end('{}')
    const last = new URL(path, 'http://x').searchParams.get('last')
    const next = last === null ? 'a' : last === 'a' ? 'b' : 'a'
    response.setHeader('link', `<http://${thief.host}/v2/team/app/tags/list?last=${next}>; rel="next"`)
    return response.end(JSON.stringify({ tags: [last ?? 'first'] }))
  })
  const source = await access({ tlsVerify: 'no' })
  t.deepEqual(await listTags(parseDockerReference(`${registry.host}/team/app`), source), ['first', 'a', 'b'])
  t.deepEqual(thief.seen, [])
})

test('authorities that only the environment of Node adds are not believed', async t => {
  const { access, tls, authority } = await world(t)
  const server = await hostileServer(t, image.serve, await tls('IP:127.0.0.1'))
  const { certDir: _, ...strangers } = await access()
  const index = new URL('../../../src/index.ts', import.meta.url).href
  const script = `
    const { parseImageName, readManifest } = await import(${JSON.stringify(index)})
    const access = ${JSON.stringify(strangers)}
    await readManifest(parseImageName('docker://${server.host}/a:1'), { access }).then(() => console.log('read'), ({ code }) => console.log(code))`
  const env = { ...plainEnvironment, PATH: process.env.PATH ?? '', NODE_EXTRA_CA_CERTS: authority.certificate }
  const said = await output(process.execPath, ['--conditions=development', '--input-type=module', '-e', script], {
    env,
  })
  t.is(said.trim(), 'REGISTRY_UNREACHABLE')
  t.deepEqual(server.seen, [])
})
