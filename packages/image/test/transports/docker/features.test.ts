import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Behaviour, hostileServer, startRegistry, tempDir } from '@libpod/test-kit'
import test from 'ava'
import {
  type AccessOptions,
  composeImage,
  copyImage,
  deleteImage,
  digestOf,
  formatImageManifest,
  insecureAcceptAnything,
  listReferrers,
  listRepositories,
  listTags,
  mediaTypes,
  parseDockerReference,
  parseImageName,
  type RawManifest,
  type Reference,
  readImage,
  readManifest,
  searchRegistry,
} from '../../../src/index.ts'
import { randomImage } from '../../../src/testing/index.ts'
import { plainAccess } from '../../support/registry.ts'
import { but, servedImage } from '../../support/served-image.ts'

const policy = insecureAcceptAnything
const image = await servedImage(randomImage({ seed: 'features' }))

test('an identity token is changed for an access token, and is not shown to the registry', async t => {
  const registry = await hostileServer(
    t,
    but(({ path, method, headers, body }, response) => {
      if (path === '/token' && method === 'POST') {
        const form = Object.fromEntries(new URLSearchParams(body))
        t.deepEqual(form, {
          grant_type: 'refresh_token',
          refresh_token: 'identity',
          client_id: 'containers/image',
          service: 's',
          scope: 'repository:team/app:pull',
        })
        return response.end('{"access_token":"short-lived","expires_in":1}')
      }
      if (headers.authorization === 'Bearer short-lived') return undefined
      const challenge = `Bearer realm="http://${headers.host}/token",service="s",scope="x"`
      return response.writeHead(401, { 'www-authenticate': challenge }).end()
    }, image.serve),
  )
  const directory = await tempDir(t)
  const access = await plainAccess(directory, { retries: 0 })
  const auth = Buffer.from('<token>:').toString('base64')
  await writeFile(
    access.authFile ?? '',
    JSON.stringify({ auths: { [registry.host]: { auth, identitytoken: 'identity' } } }),
  )
  await readManifest(parseImageName(`docker://${registry.host}/team/app:1`), { access })
  t.true(registry.seen.some(({ headers }) => headers.authorization === 'Bearer short-lived'))
  for (const { path, headers } of registry.seen) t.notRegex(path + (headers.authorization ?? ''), /identity/)
})

test('a registry token is sent as it is; a wider scope is asked for once when the first one will not do', async t => {
  const scopes: string[][] = []
  const registry = await hostileServer(
    t,
    but(({ path, headers }, response) => {
      if (path.startsWith('/token')) {
        scopes.push(new URL(path, 'http://x').searchParams.getAll('scope'))
        return response.end(JSON.stringify({ token: `t${scopes.length}` }))
      }
      const { authorization } = headers
      if (authorization === 'Bearer told' || authorization === 'Bearer t2') return undefined
      const challenge = `Bearer realm="http://${headers.host}/token",scope="repository:base:pull",error="insufficient_scope"`
      return response.writeHead(401, { 'www-authenticate': challenge }).end()
    }, image.serve),
  )
  const access = await plainAccess(await tempDir(t), { retries: 0 })
  const name = parseImageName(`docker://${registry.host}/app:1`)
  await readManifest(name, { access: { ...access, registryToken: 'told' } })
  t.deepEqual(scopes, [])
  await readManifest(name, { access })
  t.deepEqual(scopes, [['repository:app:pull'], ['repository:app:pull', 'repository:base:pull']])
})

test('tags, repositories and search results come page by page', async t => {
  const all = Array.from({ length: 95 }, (_, at) => `name-${String(at).padStart(2, '0')}`)
  const paging =
    (key: string): Behaviour =>
    ({ path }, response) => {
      const url = new URL(path, 'http://x')
      const from = all.indexOf(url.searchParams.get('last') ?? '') + 1
      const page = all.slice(from, from + 10)
      if (from + 10 < all.length) response.setHeader('link', `<${url.pathname}?n=10&last=${page.at(-1)}>; rel="next"`)
      return response.end(JSON.stringify({ [key]: page }))
    }
  const registry = await hostileServer(t, (request, response) => {
    if (request.path === '/v2/') return response.end('{}')
    if (request.path.includes('/tags/list')) return paging('tags')(request, response)
    return request.path.includes('/_catalog') ? paging('repositories')(request, response) : undefined
  })
  const access = await plainAccess(await tempDir(t))
  t.deepEqual(await listTags(parseDockerReference(`${registry.host}/a`), access), all)
  t.deepEqual(await listRepositories(registry.host, access), all)
  const found = async (term: string, limit: number) =>
    (await searchRegistry(registry.host, term, { access, limit })).map(({ name }) => name)
  t.deepEqual(await found('name-9', 25), all.slice(90))
  t.deepEqual((await found('name-', 25)).length, 25)
  t.deepEqual((await found('', 5)).length, 5)
})

test('the first search interface is used where there is one', async t => {
  const results = [{ name: 'library/x', description: 'the x', star_count: 7, is_official: true, is_automated: false }]
  const registry = await hostileServer(t, ({ path }, response) => {
    if (path === '/v2/') return response.end('{}')
    return path === '/v1/search?q=x&n=3' ? response.end(JSON.stringify({ results })) : undefined
  })
  const access = await plainAccess(await tempDir(t))
  t.deepEqual(await searchRegistry(registry.host, 'x', { access, limit: 3 }), [
    { name: 'library/x', description: 'the x', stars: 7, official: 'yes', automated: 'no' },
  ])
})

/** An artifact of one type that refers to another manifest. */
function referrer(subject: RawManifest & { digest: ReturnType<typeof digestOf> }, artifactType: string): Reference {
  const config = Buffer.from('{}')
  const described = { mediaType: mediaTypes.ociEmpty, digest: digestOf(config), size: 2 }
  const {
    digest,
    mediaType,
    bytes: { length: size },
  } = subject
  const manifest = {
    kind: 'image',
    mediaType: mediaTypes.ociManifest,
    config: described,
    layers: [],
    artifactType,
  } as const
  const bytes = formatImageManifest({
    ...manifest,
    subject: { mediaType, digest, size },
    annotations: { made: artifactType },
  })
  return {
    ...composeImage({}),
    openSource: async () => ({
      parallelBlobs: 1,
      manifest: async () => ({ bytes, mediaType: mediaTypes.ociManifest }),
      blob: async () =>
        (async function* () {
          yield config
        })(),
      [Symbol.asyncDispose]: async () => undefined,
    }),
  }
}

test('referrers of an image in a registry without the interface are kept under a tag', async t => {
  const { host } = await startRegistry(t)
  const access = await plainAccess(await tempDir(t))
  const name = parseDockerReference(`${host}/app`)
  const to = parseImageName(`docker://${host}/app:1`)
  await copyImage(randomImage({ seed: 'subject' }), to, { policy, destination: access })
  const subject = await readManifest(to, { access })
  t.deepEqual(await listReferrers(name, subject.digest, { access }), [])
  const untagged = parseImageName(`docker://${host}/app@@unknown-digest@@`)
  for (const type of ['application/sbom', 'application/report', 'application/sbom'])
    await copyImage(referrer(subject, type), untagged, { policy, destination: access })
  const all = await listReferrers(name, subject.digest, { access })
  t.deepEqual(
    all.map(({ artifactType }) => artifactType),
    ['application/sbom', 'application/report'],
  )
  t.deepEqual(all[0]?.annotations, { made: 'application/sbom' })
  const some = await listReferrers(name, subject.digest, { access, artifactType: 'application/report' })
  t.deepEqual(some, all.slice(1))
  t.is(
    (await readManifest(parseImageName(`docker://${host}/app@${some[0]?.digest}`), { access })).digest,
    some[0]?.digest as never,
  )
})

test('a registry with the interface is asked by type and by page, and told nothing it knows', async t => {
  const list = (artifactType: string) => ({
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [{ mediaType: mediaTypes.ociManifest, digest: digestOf(artifactType), size: 1, artifactType }],
  })
  const registry = await hostileServer(t, ({ path, method, headers }, response) => {
    if (path === '/v2/') return response.end('{}')
    if (method === 'HEAD') return response.writeHead(200, { 'content-length': 2 }).end()
    if (method === 'PUT') return response.writeHead(201, { 'oci-subject': image.config.digest }).end()
    if (path.includes('page=2')) return response.end(JSON.stringify(list('b')))
    return response
      .setHeader('link', `<http://${headers.host}${path}&page=2>; rel="next"`)
      .end(JSON.stringify(list('a')))
  })
  const access = await plainAccess(await tempDir(t))
  const name = parseDockerReference(`${registry.host}/app`)
  const found = await listReferrers(name, image.config.digest, { access, artifactType: 'b' })
  t.deepEqual(
    found.map(({ artifactType }) => artifactType),
    ['b'],
  )
  t.true(registry.seen.some(({ path }) => path.endsWith('?artifactType=b')))
  const subject = { bytes: image.manifest, mediaType: image.mediaType, digest: image.config.digest }
  const to = parseImageName(`docker://${registry.host}/app:1`)
  await copyImage(referrer(subject, 'x'), to, { policy, destination: access })
  t.is(registry.seen.filter(({ method }) => method === 'PUT').length, 1)
})

for (const size of [1000, 4096, 1_000_000]) {
  test(`blobs go up in pieces of ${size} bytes, as docker-registry wants them`, async t => {
    const { host } = await startRegistry(t)
    const access = await plainAccess(await tempDir(t), { uploadChunkSize: size })
    const big = randomImage({ seed: 'pieces', layers: 2, layerSize: 10_240 })
    const to = parseImageName(`docker://${host}/app:1`)
    await copyImage(big, to, { policy, destination: access })
    t.deepEqual((await readImage(to, { access })).layers, (await readImage(big)).layers)
    const back = await tempDir(t)
    await copyImage(to, parseImageName(`dir:${back}/image`), { policy, source: access })
  })
}

test('a piece whose connection breaks, before or after it was taken, is sent again from where the registry stands', async t => {
  const taken = new Map<string, Buffer>()
  let patches = 0
  const registry = await hostileServer(t, ({ path, method, headers, body }, response) => {
    const bytes = Buffer.from(body, 'latin1')
    const url = new URL(path, 'http://x')
    if (path === '/v2/') return response.end('{}')
    if (method === 'HEAD') return response.writeHead(404).end()
    if (method === 'POST') {
      const id = String(taken.size)
      taken.set(id, Buffer.alloc(0))
      return response.writeHead(202, { location: `/upload/${id}`, 'oci-chunk-min-length': '2000' }).end()
    }
    const id = url.pathname.split('/').at(-1) ?? ''
    const have = taken.get(id) ?? Buffer.alloc(0)
    const range = have.length === 0 ? '0-0' : `0-${have.length - 1}`
    if (method === 'GET') return response.writeHead(204, { location: `/upload/${id}`, range }).end()
    if (method === 'PUT' && url.searchParams.has('digest')) {
      t.is(String(digestOf(have)), url.searchParams.get('digest') ?? '')
      return response.writeHead(201).end()
    }
    if (method !== 'PATCH') return response.writeHead(201).end()
    const [start] = (headers['content-range'] ?? '').split('-')
    if (Number(start) !== have.length) return response.writeHead(416).end()
    const fault = patches++ % 4
    if (fault === 1) return response.destroy()
    taken.set(id, Buffer.concat([have, fault === 2 ? bytes.subarray(0, 700) : bytes]))
    if (fault === 2 || fault === 3) return response.destroy()
    return response.writeHead(202, { location: `/upload/${id}` }).end()
  })
  const access = await plainAccess(await tempDir(t), { uploadChunkSize: 1000, retryDelay: 1 })
  const to = parseImageName(`docker://${registry.host}/app:1`)
  await copyImage(randomImage({ seed: 'broken', layers: 1, layerSize: 20_000 }), to, { policy, destination: access })
  t.true(patches > 12)
})

const mirrored = (mirror: string, origin: string, more = '') => `
[[registry]]
prefix = "images.example.com"
location = "${origin}"
insecure = true
${more}
[[registry.mirror]]
location = "${mirror}/cache"
insecure = true
`

test('a pull goes to the mirror, past it when it lacks the image or is away, and nowhere when the registry is blocked', async t => {
  const [mirror, origin] = [await startRegistry(t), await startRegistry(t)]
  const directory = await tempDir(t, 'mirrors')
  const base = await plainAccess(directory)
  const put = (name: string, seed: string) =>
    copyImage(randomImage({ seed }), parseImageName(`docker://${name}`), { policy, destination: base })
  await put(`${mirror.host}/cache/both:1`, 'of the mirror')
  await put(`${origin.host}/both:1`, 'of the origin')
  await put(`${origin.host}/origin-only:1`, 'of the origin')
  const { tlsVerify: _, ...checked } = base
  const configured = async (text: string): Promise<AccessOptions> => {
    await writeFile(join(directory, 'registries.conf'), text)
    return checked
  }
  const seed = async (name: string, access: AccessOptions) =>
    (
      JSON.parse(
        Buffer.from(
          (await readImage(parseImageName(`docker://images.example.com/${name}`), { access })).config,
        ).toString(),
      ) as {
        config: { Labels: { seed: string } }
      }
    ).config.Labels.seed
  const access = await configured(mirrored(mirror.host, origin.host))
  t.is(await seed('both:1', access), 'of the mirror')
  t.is(await seed('origin-only:1', access), 'of the origin')
  await t.throwsAsync(seed('none:1', access), { message: /Mirrors also failed: \[.*\/cache\/none:1: .*none:1/ })
  const byTag = await configured(mirrored(mirror.host, origin.host, 'mirror-by-digest-only = true'))
  t.is(await seed('both:1', byTag), 'of the origin')
  const away = await configured(mirrored('127.0.0.1:1', origin.host))
  t.is(await seed('both:1', away), 'of the origin')
  const blocked = await configured(mirrored(mirror.host, origin.host, 'blocked = true'))
  await t.throwsAsync(seed('both:1', blocked), { code: 'REGISTRY_BLOCKED', message: /images\.example\.com is blocked/ })
})

test('what was deleted by tag is gone under its digest too, and again deleting says so', async t => {
  const { host } = await startRegistry(t)
  const access = await plainAccess(await tempDir(t))
  const to = parseImageName(`docker://${host}/app:1`)
  const { digest } = await copyImage(randomImage({ seed: 'gone' }), to, { policy, destination: access })
  await deleteImage(to, access)
  await t.throwsAsync(readManifest(parseImageName(`docker://${host}/app@${digest}`), { access }), {
    code: 'MANIFEST_UNKNOWN',
  })
  const error = await t.throwsAsync(deleteImage(to, access), { code: 'MANIFEST_UNKNOWN' })
  t.true(error?.message.includes(`${host}/app:1`))
})

test('a deleted image leaves no signature in its directory, and those of others stay', async t => {
  const { host } = await startRegistry(t)
  const directory = await tempDir(t)
  const access = await plainAccess(directory)
  const signer = { sign: async () => ({ kind: 'simple', bytes: Buffer.from('signed') }) as const }
  const push = async (tag: string, signers: number) => {
    const to = parseImageName(`docker://${host}/app:${tag}`)
    const signBy = Array.from({ length: signers }, () => signer)
    const { digest } = await copyImage(randomImage({ seed: tag }), to, { policy, destination: access, signBy })
    return { to, files: () => readdir(join(directory, 'signatures', `app@sha256=${digest.slice(7)}`)) }
  }
  const [one, two] = [await push('one', 2), await push('two', 1)]
  t.deepEqual((await one.files()).toSorted(), ['signature-1', 'signature-2'])
  await deleteImage(one.to, access)
  t.deepEqual(await one.files(), [])
  t.deepEqual(await two.files(), ['signature-1'])
})
