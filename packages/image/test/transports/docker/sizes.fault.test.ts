import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Behaviour, hostileServer, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import {
  type AccessOptions,
  checkLogin,
  copyImage,
  digestOf,
  insecureAcceptAnything,
  isImageError,
  listReferrers,
  listRepositories,
  listTags,
  mediaTypes,
  parseDockerReference,
  parseImageName,
  readImage,
  readManifest,
  searchRegistry,
} from '../../../src/index.ts'
import { randomImage } from '../../../src/testing/index.ts'
import { flood } from '../../support/pull.ts'
import { plainAccess } from '../../support/registry.ts'
import { but, servedImage } from '../../support/served-image.ts'

// No document of a registry is read without end, and none with a wrong digest is believed: rows 9, 10, 39, 40 and 49.

const policy = insecureAcceptAnything
const image = await servedImage(randomImage({ seed: 'sizes' }))
const attachments = {
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: { mediaType: mediaTypes.ociConfig, digest: digestOf('{}'), size: 2 },
  layers: [{ mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json', digest: digestOf('payload'), size: 7 }],
}

interface Place {
  readonly host: string
  readonly access: AccessOptions
  readonly directory: string
}

const pull = ({ host, access, directory }: Place): Promise<unknown> =>
  copyImage(parseImageName(`docker://${host}/team/app:1`), parseImageName(`dir:${join(directory, 'image')}`), {
    policy,
    source: access,
  })
const name = ({ host }: Place) => parseDockerReference(`${host}/team/app`)
const at =
  (path: string): Behaviour =>
  ({ path: asked }) =>
    asked.includes(path)
const withAttachments = async (place: Place, base = ''): Promise<unknown> => {
  const text = `default-docker:\n  use-sigstore-attachments: true\n${base}`
  await writeFile(join(place.access.registriesDir ?? '', 'default.yaml'), text)
  return pull(place)
}

/** What is read, where it lies, and which call reads it. */
const documents: Readonly<Record<string, readonly [Behaviour, (place: Place) => Promise<unknown>]>> = {
  manifest: [at('/manifests/1'), pull],
  config: [at(image.config.digest), pull],
  'list of tags': [at('/tags/list'), place => listTags(name(place), place.access)],
  catalogue: [at('/_catalog'), ({ host, access }) => listRepositories(host, access)],
  'search reply': [at('/v1/search'), ({ host, access }) => searchRegistry(host, 'x', { access })],
  'list of referrers': [
    at('/referrers/'),
    place => listReferrers(name(place), digestOf('x'), { access: place.access }),
  ],
  'manifest of signatures': [at('.sig'), withAttachments],
  signature: [at(digestOf('payload')), withAttachments],
  'lookaside signature': [
    at('/signature-1'),
    place => withAttachments(place, `  lookaside: http://${place.host}/sig\n`),
  ],
}

async function open(t: ExecutionContext, behave: Behaviour): Promise<Place> {
  const { host } = await hostileServer(
    t,
    but(
      behave,
      but(({ path }, response) => {
        if (path.includes('/manifests/') && path.endsWith('.sig'))
          response.writeHead(200, { 'content-type': mediaTypes.ociManifest }).end(JSON.stringify(attachments))
      }, image.serve),
    ),
  )
  const directory = await tempDir(t, 'sizes')
  return { host, directory, access: await plainAccess(join(directory, 'access'), { retries: 0 }) }
}

for (const [what, [isMeant, read]] of Object.entries(documents)) {
  for (const length of ['told', 'untold'] as const) {
    test.serial(`a ${what} of gigabytes (${length}) is cut off`, async t => {
      const place = await open(t, (request, response) =>
        isMeant(request, response) ? flood(response, 200, length) : undefined,
      )
      const before = process.memoryUsage().rss
      const error = await t.throwsAsync(read(place))
      t.true(isImageError(error, 'SIZE_EXCEEDED', 'SIGNATURE_INVALID'), String(error))
      t.true(process.memoryUsage().rss - before < 150 * 1024 * 1024)
      t.deepEqual(await readdir(join(place.directory, 'image')).catch(() => []), [])
    })
  }
}

test.serial('an error reply of gigabytes is cut off, and the error stays what it is', async t => {
  const place = await open(t, ({ path }, response) =>
    path.startsWith('/v2/') && path !== '/v2/' ? flood(response, 403, 'told') : undefined,
  )
  for (const read of [pull, (there: Place) => listTags(name(there), there.access)])
    t.true(isImageError(await t.throwsAsync(read(place)), 'FORBIDDEN'))
})

test('a login page of another kind is an error that names the registry', async t => {
  const place = await open(t, (_, response) => response.writeHead(418).end('teapot'))
  const error = await t.throwsAsync(checkLogin(place.host, { username: 'a', password: 'b' }, place.access))
  t.true(error?.message.includes(place.host))
})

const bad = [
  'sha256:../../x',
  `sha256:${'A'.repeat(64)}`,
  'sha256:abc',
  `md5:${'a'.repeat(32)}`,
  '',
  `${digestOf('x')}?a`,
  `${digestOf('x')}#a`,
]

for (const digest of bad) {
  test(`the digest ${JSON.stringify(digest)} builds no path and no request, wherever it comes from`, async t => {
    const asked: string[] = []
    const descriptor = { mediaType: mediaTypes.ociManifest, digest, size: 1 }
    const served: Readonly<Record<string, object>> = {
      '/manifests/index': { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [descriptor] },
      '/manifests/config': { ...attachments, config: descriptor },
      '/manifests/layer': { ...attachments, layers: [descriptor] },
      '/manifests/subject': { ...attachments, subject: descriptor },
      '/referrers/': { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [descriptor] },
      '.sig': { ...attachments, layers: [descriptor] },
    }
    const place = await open(t, ({ path }, response) => {
      asked.push(path)
      const found = Object.entries(served).find(([part]) => path.includes(part))
      if (found !== undefined) response.writeHead(200).end(JSON.stringify(found[1]))
    })
    for (const tag of ['index', 'config', 'layer', 'subject']) {
      const reference = parseImageName(`docker://${place.host}/team/app:${tag}`)
      const error = await t.throwsAsync(readManifest(reference, { access: place.access }))
      t.true(isImageError(error, 'MANIFEST_INVALID'), String(error))
    }
    t.true(isImageError(await t.throwsAsync(listReferrers(name(place), digestOf('x'), place)), 'MANIFEST_INVALID'))
    await t.throwsAsync(withAttachments(place))
    for (const path of asked) t.notRegex(path, /\.\.\/|md5|A{64}|sha256:abc|[?#]a$/)
  })
}

for (const [what, wrong] of Object.entries({
  'payload of another content': Buffer.from('PAYLOAD'),
  'payload that is too short': Buffer.from('payloa'),
  'payload that is too long': Buffer.from('payload and more'),
})) {
  test(`a signature ${what} is refused`, async t => {
    const place = await open(t, ({ path }, response) => {
      if (path.endsWith(digestOf('payload'))) response.end(wrong)
    })
    const error = await t.throwsAsync(withAttachments(place))
    t.true(isImageError(error, 'DIGEST_MISMATCH', 'SIZE_EXCEEDED', 'REGISTRY_UNREACHABLE'), String(error))
    t.deepEqual(await readdir(join(place.directory, 'image')).catch(() => []), [])
  })
}

for (const size of ['9000000000000000000', '-1', '1.5', '"7"', '9007199254740993', '1e400']) {
  test(`a layer of size ${size} in a layout is refused, and nothing of that size is asked for`, async t => {
    const layout = join(await tempDir(t, 'layout'), 'layout')
    await copyImage(randomImage({ seed: 'size', layers: 1 }), parseImageName(`oci:${layout}:x`), { policy })
    const { digest } = await readManifest(parseImageName(`oci:${layout}:x`))
    const text = await readFile(join(layout, 'blobs/sha256', digest.slice(7)), 'utf8')
    const evil = text.replace(/("layers":.*"size":)[0-9]+/, `$1${size}`)
    t.not(evil, text)
    await writeFile(join(layout, 'blobs/sha256', digestOf(evil).slice(7)), evil)
    const index = (await readFile(join(layout, 'index.json'), 'utf8')).replace(digest, digestOf(evil))
    await writeFile(join(layout, 'index.json'), index)
    const target = `${layout}-copy`
    const error = await t.throwsAsync(
      copyImage(parseImageName(`oci:${layout}:x`), parseImageName(`dir:${target}`), { policy }),
    )
    t.true(isImageError(error, 'MANIFEST_INVALID'), String(error))
    t.deepEqual(await readdir(target).catch(() => []), [])
  })
}

test.serial('a size that is merely false costs nothing', async t => {
  const lie = JSON.parse(image.manifest.toString()) as { layers: { size: number }[] }
  for (const layer of lie.layers) layer.size = Number.MAX_SAFE_INTEGER
  const place = await open(t, ({ path }, response) => {
    if (path.includes('/manifests/'))
      response.writeHead(200, { 'content-type': image.mediaType }).end(JSON.stringify(lie))
  })
  const partialDir = join(place.directory, 'partial')
  await mkdir(partialDir)
  const before = process.memoryUsage().rss
  await t.throwsAsync(pull({ ...place, access: { ...place.access, partialDir, retryDelay: 1 } }))
  t.true(process.memoryUsage().rss - before < 100 * 1024 * 1024)
})

test('what a registry says reaches people without what a terminal obeys, and programs as it was said', async t => {
  const evil = 'tag\u001b]0;owned\u0007\n\u202e'
  const place = await open(t, ({ path }, response) => {
    if (path.includes('/tags/list')) response.end(JSON.stringify({ tags: [evil] }))
    else if (path.includes('/v1/search')) response.end(JSON.stringify({ results: [{ name: evil, description: evil }] }))
    else if (path.includes('/manifests/'))
      response
        .writeHead(200, { 'content-type': evil.replace(/[^ -~]/g, ''), 'docker-content-digest': 'sha256:\u00ff' })
        .end('{}')
  })
  t.deepEqual(await listTags(name(place), place.access), [evil])
  const [found] = await searchRegistry(place.host, 'x', { access: place.access })
  t.notRegex(`${found?.name}${found?.description}`, /[\u0000-\u001f\u202e]/)
  const error = await t.throwsAsync(readImage(parseImageName(`docker://${place.host}/team/app:1`), place))
  t.notRegex(error?.message ?? '', /[\u0000-\u001f\u007f-\u009f\u202e]/)
})
