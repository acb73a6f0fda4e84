import { execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Behaviour, type HostileServer, hostileServer, type SeenRequest, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import {
  type AccessOptions,
  copyImage,
  digestOf,
  type ImageErrorCode,
  insecureAcceptAnything,
  isImageError,
  mediaTypes,
  parseImageName,
  readManifest,
} from '../../../src/index.ts'
import { randomImage } from '../../../src/testing/index.ts'
import { plainAccess } from '../../support/registry.ts'

const secret = { username: 'user', password: 'secret-password' }
const basic = `Basic ${Buffer.from('user:secret-password').toString('base64')}`
const layer = gzipSync(Buffer.alloc(1024))
const config = Buffer.from(
  JSON.stringify({
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: [digestOf(Buffer.alloc(1024))] },
  }),
)
const describe = (mediaType: string, bytes: Uint8Array) => ({ mediaType, digest: digestOf(bytes), size: bytes.length })
const document = {
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: describe(mediaTypes.ociConfig, config),
  layers: [describe(mediaTypes.ociLayerGzip, layer)],
}
const good = Buffer.from(JSON.stringify(document))

/** A registry that serves one image, but for what `special` answers first. */
function serving(special: Behaviour = () => undefined): Behaviour {
  return async (request, response) => {
    await special(request, response)
    if (response.headersSent) return
    const { path } = request
    if (path === '/v2/') response.end('{}')
    else if (path.includes('/manifests/')) response.writeHead(200, { 'content-type': mediaTypes.ociManifest }).end(good)
    else if (path.endsWith(digestOf(config))) response.end(config)
    else if (path.endsWith(digestOf(layer))) response.end(layer)
  }
}

const start = (t: ExecutionContext, behave: Behaviour): Promise<HostileServer> => hostileServer(t, behave)

interface Pull {
  readonly error: unknown
  readonly files: readonly string[]
}

async function pull(t: ExecutionContext, host: string, more: AccessOptions = {}): Promise<Pull> {
  const directory = await tempDir(t, 'hostile')
  const source = await plainAccess(join(directory, 'access'), { credentials: secret, retries: 0, ...more })
  const target = join(directory, 'image')
  const error = await copyImage(parseImageName(`docker://${host}/team/app:1`), parseImageName(`dir:${target}`), {
    policy: insecureAcceptAnything,
    source,
  }).then(
    () => undefined,
    (failure: unknown) => failure,
  )
  return { error, files: await readdir(target).catch(() => []) }
}

const host = (server: HostileServer): string => server.host
const leaks = (server: HostileServer): readonly SeenRequest[] =>
  server.seen.filter(
    ({ headers, path, body }) =>
      headers.authorization !== undefined || headers.cookie !== undefined || /secret/.test(path + body),
  )
const challenge = (response: ServerResponse, value: string): void =>
  void response.writeHead(401, { 'www-authenticate': value }).end()

function refuses(t: ExecutionContext, { error, files }: Pull, ...codes: readonly ImageErrorCode[]): void {
  t.true(isImageError(error, ...codes), String(error))
  t.deepEqual(files, [])
  t.notRegex(String((error as Error).stack), /secret-password/)
}

test('an honest registry serves, and gets credentials only when it asks', async t => {
  const server = await start(t, serving())
  t.is((await pull(t, host(server))).error, undefined)
  t.deepEqual(leaks(server), [])
})

test('basic credentials go to the registry that asks', async t => {
  const server = await start(
    t,
    serving(({ headers }, response) => {
      if (headers.authorization !== basic) challenge(response, 'Basic realm="x"')
    }),
  )
  t.is((await pull(t, host(server))).error, undefined)
})

for (const status of [301, 302, 303, 307, 308]) {
  test(`no credentials follow a ${status} to another port, nor its 401`, async t => {
    const thief = await start(t, (_, response) => challenge(response, 'Basic realm="give"'))
    const registry = await start(
      t,
      serving(({ path, headers }, response) => {
        if (headers.authorization === undefined) return challenge(response, 'Basic realm="x"')
        if (path.includes('/blobs/'))
          response.writeHead(status, { location: `http://127.0.0.1:${thief.port}${path}` }).end()
      }),
    )
    refuses(t, await pull(t, host(registry)), 'UNAUTHORIZED')
    t.true(thief.seen.length > 0)
    t.deepEqual(leaks(thief), [])
  })
}

test('a blob behind a redirect is fetched, anonymously', async t => {
  const storage = await start(t, serving())
  const registry = await start(
    t,
    serving(({ path, headers }, response) => {
      if (headers.authorization === undefined) return challenge(response, 'Basic realm="x"')
      if (path.includes('/blobs/'))
        response.writeHead(307, { location: `http://127.0.0.1:${storage.port}${path}` }).end()
    }),
  )
  t.is((await pull(t, host(registry))).error, undefined)
  t.deepEqual(leaks(storage), [])
})

test('redirects in a circle end', async t => {
  const server = await start(
    t,
    serving(({ path }, response) => {
      if (path.includes('/blobs/')) response.writeHead(302, { location: path }).end()
    }),
  )
  refuses(t, await pull(t, host(server)), 'REGISTRY_ERROR')
  t.true(server.seen.length < 20)
})

test('a token server on the same host gets the credentials', async t => {
  const tokens = await start(t, (_, response) => response.end('{"token":"abc"}'))
  const registry = await start(
    t,
    serving(({ headers }, response) => {
      if (headers.authorization !== 'Bearer abc')
        challenge(response, `Bearer realm="http://127.0.0.1:${tokens.port}/token",service="s"`)
    }),
  )
  t.is((await pull(t, host(registry))).error, undefined)
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
    const thief = await start(t, (_, response) => response.end('{"token":"abc"}'))
    const registry = await start(
      t,
      serving((_, response) => challenge(response, `Bearer realm="${realm(thief.port)}"`)),
    )
    refuses(t, await pull(t, host(registry)), 'FORBIDDEN')
    t.deepEqual(thief.seen, [])
  })
}

test('a token server that redirects is not followed', async t => {
  const thief = await start(t, (_, response) => response.end('{"token":"abc"}'))
  const registry = await start(
    t,
    serving(({ path, headers }, response) => {
      if (path.startsWith('/token')) response.writeHead(302, { location: `http://127.0.0.1:${thief.port}/` }).end()
      else if (headers.authorization === undefined)
        challenge(response, `Bearer realm="http://127.0.0.1:${headers.host?.split(':')[1]}/token"`)
    }),
  )
  refuses(t, await pull(t, host(registry)), 'REGISTRY_ERROR')
  t.deepEqual(thief.seen, [])
})

test('layers with urls are never fetched from them', async t => {
  const elsewhere = await start(t, serving())
  const foreign = {
    ...document,
    layers: [{ ...document.layers[0], urls: [`http://127.0.0.1:${elsewhere.port}/layer`] }],
  }
  const registry = await start(
    t,
    serving(({ path }, response) => {
      if (path.includes('/manifests/'))
        response.writeHead(200, { 'content-type': mediaTypes.ociManifest }).end(JSON.stringify(foreign))
    }),
  )
  t.is((await pull(t, host(registry))).error, undefined)
  t.deepEqual(elsewhere.seen, [])
})

test('uploads are not sent to another place', async t => {
  const thief = await start(t, (_, response) => response.writeHead(202).end())
  const registry = await start(t, ({ method, path, headers }, response) => {
    if (headers.authorization === undefined) return challenge(response, 'Basic realm="x"')
    if (path === '/v2/') response.end('{}')
    if (method === 'POST') response.writeHead(202, { location: `http://127.0.0.1:${thief.port}/upload` }).end()
  })
  const destination = await plainAccess(await tempDir(t), { credentials: secret, retries: 0 })
  const push = copyImage(randomImage({ seed: 'x' }), parseImageName(`docker://${host(registry)}/team/app:1`), {
    policy: insecureAcceptAnything,
    destination,
  })
  t.true(isImageError(await t.throwsAsync(push), 'FORBIDDEN'))
  t.deepEqual(thief.seen, [])
})

/** Sends zeros until the other side has had enough. */
async function endless(response: ServerResponse): Promise<void> {
  const piece = Buffer.alloc(1024 * 1024, 0x20)
  for (let sent = 0; sent < 512 && !response.destroyed; sent++) {
    if (!response.write(piece))
      await Promise.race([
        new Promise(resolve => response.once('drain', resolve)),
        new Promise(resolve => response.once('close', resolve)),
      ])
  }
  response.end()
}

for (const [what, matches] of [
  ['manifest', (path: string) => path.includes('/manifests/')],
  ['config', (path: string) => path.endsWith(digestOf(config))],
  ['layer', (path: string) => path.endsWith(digestOf(layer))],
  ['token', (path: string) => path.startsWith('/token')],
] as const) {
  test(`an endless ${what} is cut off`, async t => {
    const server = await start(
      t,
      serving(({ path, headers }, response) => {
        if (matches(path)) return endless(response)
        if (what === 'token')
          challenge(response, `Bearer realm="http://127.0.0.1:${headers.host?.split(':')[1]}/token"`)
      }),
    )
    const before = process.memoryUsage().rss
    refuses(t, await pull(t, host(server)), 'SIZE_EXCEEDED')
    t.true(process.memoryUsage().rss - before < 200 * 1024 * 1024)
  })
}

test('an endless error reply is cut off', async t => {
  const server = await start(
    t,
    serving(({ path }, response) => {
      if (!path.includes('/manifests/')) return
      response.writeHead(403)
      return endless(response)
    }),
  )
  refuses(t, await pull(t, host(server)), 'FORBIDDEN')
})

const served = (body: string | Buffer, headers: Record<string, string> = {}): Behaviour =>
  serving(({ path }, response) => {
    if (path.includes('/manifests/'))
      response.writeHead(200, { 'content-type': mediaTypes.ociManifest, ...headers }).end(body)
  })

for (const [what, behave, code] of [
  ['that is index and image', served(JSON.stringify({ ...document, manifests: [] })), 'MANIFEST_INVALID'],
  ['labelled as something else', served(good, { 'content-type': mediaTypes.ociIndex }), 'MANIFEST_INVALID'],
  [
    'with a digest that climbs',
    served(JSON.stringify({ ...document, config: { ...document.config, digest: 'sha256:../../../etc/passwd' } })),
    'MANIFEST_INVALID',
  ],
  ['under a digest that is none', served(good, { 'docker-content-digest': 'sha256:../x' }), 'DIGEST_INVALID'],
  ['that is not JSON', served('<html>'), 'MANIFEST_INVALID'],
] as const) {
  test(`a manifest ${what} is refused`, async t => refuses(t, await pull(t, host(await start(t, behave))), code))
}

test('a manifest that is not what its digest says is refused', async t => {
  const server = await start(t, serving())
  const source = await plainAccess(await tempDir(t), { retries: 0 })
  const reference = parseImageName(`docker://${host(server)}/team/app@${digestOf('something else')}`)
  t.true(isImageError(await t.throwsAsync(readManifest(reference, { access: source })), 'DIGEST_MISMATCH'))
})

for (const [what, matches] of [
  ['config', config],
  ['layer', layer],
] as const) {
  test(`a ${what} with another content is refused`, async t => {
    const wrong = Buffer.from(matches)
    wrong[wrong.length - 1] = (wrong[wrong.length - 1] ?? 0) ^ 1
    const server = await start(
      t,
      serving(({ path }, response) => {
        if (path.endsWith(digestOf(matches))) response.end(wrong)
      }),
    )
    refuses(t, await pull(t, host(server)), 'DIGEST_MISMATCH')
  })
}

test('control characters of a registry do not reach a message', async t => {
  const evil = `\u001b]0;owned\u0007\nError: forged \u202e`
  const server = await start(
    t,
    serving(({ path }, response) => {
      if (path.includes('/manifests/'))
        response.writeHead(403).end(JSON.stringify({ errors: [{ code: 'DENIED', message: evil }] }))
    }),
  )
  const { error } = await pull(t, host(server))
  t.notRegex((error as Error).message, /[\u0000-\u001f\u202e]/)
})

test('a certificate that nobody vouches for is refused, whatever the environment says', async t => {
  const directory = await tempDir(t, 'tls')
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '2',
      '-subj',
      '/CN=127.0.0.1',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    ],
    { stdio: 'ignore' },
  )
  const pair = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
  const server = await hostileServer(t, serving(), pair)
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  t.teardown(() => delete process.env.NODE_TLS_REJECT_UNAUTHORIZED)
  refuses(t, await pull(t, host(server), { tlsVerify: 'yes' }), 'REGISTRY_UNREACHABLE')
  t.deepEqual(server.seen, [])
  t.is((await pull(t, host(server), { tlsVerify: 'no' })).error, undefined)
  const certDir = join(directory, 'certs')
  execFileSync('mkdir', [certDir])
  execFileSync('cp', [cert, join(certDir, 'ca.crt')])
  t.is((await pull(t, host(server), { tlsVerify: 'yes', certDir })).error, undefined)
})

test('a connection that breaks again and again is taken up where it broke', async t => {
  const big = randomImage({ seed: 'flaky', layers: 1, layerSize: 300_000 })
  const source = await big.openSource?.({})
  const raw = await source?.manifest()
  const blobs = new Map<string, Buffer>()
  const parsed = JSON.parse(Buffer.from(raw?.bytes ?? []).toString()) as typeof document
  for (const blob of [parsed.config, ...parsed.layers]) {
    const chunks: Uint8Array[] = []
    for await (const chunk of (await source?.blob(blob, 0)) ?? []) chunks.push(chunk)
    blobs.set(blob.digest, Buffer.concat(chunks))
  }
  let requests = 0
  let served = 0
  const server = await start(t, ({ path, headers }, response) => {
    const bytes = blobs.get(path.split('/').at(-1) ?? '')
    if (path === '/v2/') response.end('{}')
    else if (path.includes('/manifests/'))
      response.writeHead(200, { 'content-type': mediaTypes.ociManifest }).end(raw?.bytes)
    else if (bytes !== undefined) {
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
  })
  t.is((await pull(t, host(server))).error, undefined)
  t.true(requests > 3)
  t.true(served < 310_000 + 2000)
})

test('too many requests are waited for', async t => {
  let refusals = 0
  const server = await start(
    t,
    serving(({ path }, response) => {
      if (path.includes('/manifests/') && refusals++ < 2) response.writeHead(429, { 'retry-after': '0' }).end()
    }),
  )
  t.is((await pull(t, host(server), { retries: 3 })).error, undefined)
  t.is(refusals, 3)
})
