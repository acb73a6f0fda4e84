import { mkdir, readFile, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import {
  type Behaviour,
  type HostileServer,
  hostileServer,
  makeAuthority,
  type SeenRequest,
  tempDir,
} from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import {
  type AccessOptions,
  copyImage,
  type Descriptor,
  digestOf,
  insecureAcceptAnything,
  isImageError,
  mediaTypes,
  parseImageName,
  readManifest,
} from '../../../src/index.ts'
import { randomImage } from '../../../src/testing/index.ts'
import { account, basic, flood, type Pull, pull, refuses } from '../../support/pull.ts'
import { plainAccess } from '../../support/registry.ts'
import { but, servedImage } from '../../support/served-image.ts'

const image = await servedImage(randomImage({ seed: 'hostile', layers: 1 }))
const document = JSON.parse(image.manifest.toString()) as { config: Descriptor; layers: Descriptor[] }
const [layer] = image.layers

/** A registry that serves one image, but for what `special` answers first. */
const serving = (special: Behaviour = () => undefined): Behaviour => but(special, image.serve)

const pullWith = async (t: ExecutionContext, host: string, more: AccessOptions = {}): Promise<Pull> =>
  pull(t, host, await plainAccess(await tempDir(t, 'hostile'), { credentials: account, retries: 0, ...more }))

const leaks = (server: HostileServer): readonly SeenRequest[] =>
  server.seen.filter(
    ({ headers, path, body }) =>
      headers.authorization !== undefined || headers.cookie !== undefined || /secret/.test(path + body),
  )
const challenge = (response: ServerResponse, value: string): void =>
  void response.writeHead(401, { 'www-authenticate': value }).end()

test('an honest registry serves, and gets credentials only when it asks', async t => {
  const server = await hostileServer(t, serving())
  t.is((await pullWith(t, server.host)).error, undefined)
  t.deepEqual(leaks(server), [])
})

test('basic credentials go to the registry that asks', async t => {
  const server = await hostileServer(
    t,
    serving(({ headers }, response) => {
      if (headers.authorization !== basic) challenge(response, 'Basic realm="x"')
    }),
  )
  t.is((await pullWith(t, server.host)).error, undefined)
})

for (const status of [301, 302, 303, 307, 308]) {
  test(`no credentials follow a ${status} to another port, nor its 401`, async t => {
    const thief = await hostileServer(t, (_, response) => challenge(response, 'Basic realm="give"'))
    const registry = await hostileServer(
      t,
      serving(({ path, headers }, response) => {
        if (headers.authorization === undefined) return challenge(response, 'Basic realm="x"')
        if (path.includes('/blobs/'))
          response.writeHead(status, { location: `http://127.0.0.1:${thief.port}${path}` }).end()
      }),
    )
    refuses(t, await pullWith(t, registry.host), 'UNAUTHORIZED')
    t.true(thief.seen.length > 0)
    t.deepEqual(leaks(thief), [])
  })
}

test('a blob behind a redirect is fetched, anonymously', async t => {
  const storage = await hostileServer(t, serving())
  const registry = await hostileServer(
    t,
    serving(({ path, headers }, response) => {
      if (headers.authorization === undefined) return challenge(response, 'Basic realm="x"')
      if (path.includes('/blobs/'))
        response.writeHead(307, { location: `http://127.0.0.1:${storage.port}${path}` }).end()
    }),
  )
  t.is((await pullWith(t, registry.host)).error, undefined)
  t.deepEqual(leaks(storage), [])
})

test('redirects in a circle end', async t => {
  const server = await hostileServer(
    t,
    serving(({ path }, response) => {
      if (path.includes('/blobs/')) response.writeHead(302, { location: path }).end()
    }),
  )
  refuses(t, await pullWith(t, server.host), 'REGISTRY_ERROR')
  t.true(server.seen.length < 20)
})

test('a token server on the same host gets the credentials', async t => {
  const tokens = await hostileServer(t, (_, response) => response.end('{"token":"abc"}'))
  const registry = await hostileServer(
    t,
    serving(({ headers }, response) => {
      if (headers.authorization !== 'Bearer abc')
        challenge(response, `Bearer realm="http://127.0.0.1:${tokens.port}/token",service="s"`)
    }),
  )
  t.is((await pullWith(t, registry.host)).error, undefined)
  t.is(tokens.seen[0]?.headers.authorization, basic)
})

for (const [what, realm] of [
  ['of another local name', (port: number) => `http://localhost:${port}/token`],
  ['of a link-local address', () => 'http://169.254.169.254/latest'],
  ['of a mapped address', (port: number) => `http://[::ffff:127.0.0.1]:${port}/token`],
  ['with a user name', (port: number) => `http://a:b@127.0.0.1:${port}/token`],
  ['of another scheme', () => 'file:///etc/passwd'],
  ['that is no address', () => 'not an address'],
] as const) {
  test(`a token server ${what} is refused`, async t => {
    const thief = await hostileServer(t, (_, response) => response.end('{"token":"abc"}'))
    const registry = await hostileServer(
      t,
      serving((_, response) => challenge(response, `Bearer realm="${realm(thief.port)}"`)),
    )
    refuses(t, await pullWith(t, registry.host), 'FORBIDDEN')
    t.deepEqual(thief.seen, [])
  })
}

test('a token server that redirects is not followed', async t => {
  const thief = await hostileServer(t, (_, response) => response.end('{"token":"abc"}'))
  const registry = await hostileServer(
    t,
    serving(({ path, headers }, response) => {
      if (path.startsWith('/token')) response.writeHead(302, { location: `http://127.0.0.1:${thief.port}/` }).end()
      else if (headers.authorization === undefined)
        challenge(response, `Bearer realm="http://127.0.0.1:${headers.host?.split(':')[1]}/token"`)
    }),
  )
  refuses(t, await pullWith(t, registry.host), 'REGISTRY_ERROR')
  t.deepEqual(thief.seen, [])
})

test('layers with urls are never fetched from them', async t => {
  const elsewhere = await hostileServer(t, serving())
  const foreign = {
    ...document,
    layers: [{ ...document.layers[0], urls: [`http://127.0.0.1:${elsewhere.port}/layer`] }],
  }
  const registry = await hostileServer(
    t,
    serving(({ path }, response) => {
      if (path.includes('/manifests/'))
        response.writeHead(200, { 'content-type': mediaTypes.ociManifest }).end(JSON.stringify(foreign))
    }),
  )
  t.is((await pullWith(t, registry.host)).error, undefined)
  t.deepEqual(elsewhere.seen, [])
})

test('uploads are not sent to another place', async t => {
  const thief = await hostileServer(t, (_, response) => response.writeHead(202).end())
  const registry = await hostileServer(t, ({ method, path, headers }, response) => {
    if (headers.authorization === undefined) return challenge(response, 'Basic realm="x"')
    if (path === '/v2/') response.end('{}')
    if (method === 'POST') response.writeHead(202, { location: `http://127.0.0.1:${thief.port}/upload` }).end()
  })
  const destination = await plainAccess(await tempDir(t), { credentials: account, retries: 0 })
  const push = copyImage(randomImage({ seed: 'x' }), parseImageName(`docker://${registry.host}/team/app:1`), {
    policy: insecureAcceptAnything,
    destination,
  })
  t.true(isImageError(await t.throwsAsync(push), 'FORBIDDEN'))
  t.deepEqual(thief.seen, [])
})

for (const [what, matches] of [
  ['manifest', (path: string) => path.includes('/manifests/')],
  ['config', (path: string) => path.endsWith(image.config.digest)],
  ['layer', (path: string) => path.endsWith(layer?.digest ?? '')],
  ['token', (path: string) => path.startsWith('/token')],
] as const) {
  test.serial(`an endless ${what} is cut off`, async t => {
    const server = await hostileServer(
      t,
      serving(({ path, headers }, response) => {
        if (matches(path)) return flood(response, 200, 'untold')
        if (what === 'token')
          challenge(response, `Bearer realm="http://127.0.0.1:${headers.host?.split(':')[1]}/token"`)
      }),
    )
    const before = process.memoryUsage().rss
    refuses(t, await pullWith(t, server.host), 'SIZE_EXCEEDED')
    t.true(process.memoryUsage().rss - before < 200 * 1024 * 1024)
  })
}

test('an endless error reply is cut off', async t => {
  const server = await hostileServer(
    t,
    serving(({ path }, response) => {
      if (!path.includes('/manifests/')) return
      return flood(response, 403, 'untold')
    }),
  )
  refuses(t, await pullWith(t, server.host), 'FORBIDDEN')
})

const served = (body: string | Buffer, headers: Record<string, string> = {}): Behaviour =>
  serving(({ path }, response) => {
    if (path.includes('/manifests/'))
      response.writeHead(200, { 'content-type': mediaTypes.ociManifest, ...headers }).end(body)
  })

for (const [what, behave, code] of [
  ['that is index and image', served(JSON.stringify({ ...document, manifests: [] })), 'MANIFEST_INVALID'],
  ['labelled as something else', served(image.manifest, { 'content-type': mediaTypes.ociIndex }), 'MANIFEST_INVALID'],
  [
    'with a digest that climbs',
    served(JSON.stringify({ ...document, config: { ...document.config, digest: 'sha256:../../../etc/passwd' } })),
    'MANIFEST_INVALID',
  ],
  ['under a digest that is none', served(image.manifest, { 'docker-content-digest': 'sha256:../x' }), 'DIGEST_INVALID'],
  ['that is not JSON', served('<html>'), 'MANIFEST_INVALID'],
] as const) {
  test(`a manifest ${what} is refused`, async t =>
    refuses(t, await pullWith(t, (await hostileServer(t, behave)).host), code))
}

test('a manifest that is not what its digest says is refused', async t => {
  const server = await hostileServer(t, serving())
  const source = await plainAccess(await tempDir(t), { retries: 0 })
  const reference = parseImageName(`docker://${server.host}/team/app@${digestOf('something else')}`)
  t.true(isImageError(await t.throwsAsync(readManifest(reference, { access: source })), 'DIGEST_MISMATCH'))
})

for (const [what, matches] of [
  ['config', image.config],
  ['layer', layer],
] as const) {
  test(`a ${what} with another content is refused`, async t => {
    const wrong = Buffer.from(image.blobs.get(matches?.digest ?? '') ?? [])
    wrong[wrong.length - 1] = (wrong[wrong.length - 1] ?? 0) ^ 1
    const server = await hostileServer(
      t,
      serving(({ path }, response) => {
        if (path.endsWith(matches?.digest ?? '')) response.end(wrong)
      }),
    )
    refuses(t, await pullWith(t, server.host), 'DIGEST_MISMATCH')
  })
}

test('control characters of a registry do not reach a message', async t => {
  const evil = `\u001b]0;owned\u0007\nError: forged \u202e`
  const server = await hostileServer(
    t,
    serving(({ path }, response) => {
      if (path.includes('/manifests/'))
        response.writeHead(403).end(JSON.stringify({ errors: [{ code: 'DENIED', message: evil }] }))
    }),
  )
  const { error } = await pullWith(t, server.host)
  t.notRegex((error as Error).message, /[\u0000-\u001f\u202e]/)
})

test('a certificate that nobody vouches for is refused, whatever the environment says', async t => {
  const directory = await tempDir(t, 'tls')
  const authority = await makeAuthority(directory)
  const { key, certificate } = await authority.issue('server', 'IP:127.0.0.1')
  const pair = { key: await readFile(key, 'utf8'), cert: await readFile(certificate, 'utf8') }
  const server = await hostileServer(t, serving(), pair)
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  t.teardown(() => delete process.env.NODE_TLS_REJECT_UNAUTHORIZED)
  refuses(t, await pullWith(t, server.host, { tlsVerify: 'yes' }), 'REGISTRY_UNREACHABLE')
  t.deepEqual(server.seen, [])
  t.is((await pullWith(t, server.host, { tlsVerify: 'no' })).error, undefined)
  const certDir = join(directory, 'certs')
  await mkdir(certDir)
  await writeFile(join(certDir, 'ca.crt'), await readFile(authority.certificate))
  t.is((await pullWith(t, server.host, { tlsVerify: 'yes', certDir })).error, undefined)
})

test('a connection that breaks again and again is taken up where it broke', async t => {
  const big = await servedImage(randomImage({ seed: 'flaky', layers: 1, layerSize: 300_000 }))
  let requests = 0
  let served = 0
  const behave: Behaviour = ({ path, headers }, response) => {
    const bytes = big.blobs.get(path.split('/').at(-1) ?? '')
    if (bytes === undefined) return
    const from = Number(/bytes=([0-9]+)-/.exec(headers.range ?? '')?.[1] ?? 0)
    const rest = bytes.subarray(from)
    const piece = rest.subarray(0, 100_000)
    requests++
    served += piece.length
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': rest.length,
      ...(from > 0 && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    })
    response.write(piece, () => (piece.length < rest.length ? response.destroy() : response.end()))
  }
  const server = await hostileServer(t, but(behave, big.serve))
  t.is((await pullWith(t, server.host)).error, undefined)
  t.true(requests > 3)
  t.true(served < 310_000 + 2000)
})

test('too many requests are waited for', async t => {
  let refusals = 0
  const server = await hostileServer(
    t,
    serving(({ path }, response) => {
      if (path.includes('/manifests/') && refusals++ < 2) response.writeHead(429, { 'retry-after': '0' }).end()
    }),
  )
  t.is((await pullWith(t, server.host, { retries: 3 })).error, undefined)
  t.is(refusals, 3)
})
