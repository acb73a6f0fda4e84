import { type Behaviour, hostileServer, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import {
  type CopyOptions,
  composeIndex,
  copyImage,
  insecureAcceptAnything,
  manifestDigest,
  mediaTypes,
  parseImageName,
  parseManifest,
} from '../../src/index.ts'
import { randomImage } from '../../src/testing/index.ts'
import { plainAccess } from '../support/registry.ts'

const policy = insecureAcceptAnything

interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

const invalid: Refusal = { status: 400, code: 'MANIFEST_INVALID', message: 'manifest invalid' }

/** A registry that takes every blob, and manifests of some types only. */
async function choosy(t: ExecutionContext, takes: readonly string[], refusal = invalid) {
  const tried: string[] = []
  const taken: Buffer[] = []
  const behave: Behaviour = ({ path, method, headers, body }, response) => {
    if (path === '/v2/') return response.end('{}')
    if (method === 'HEAD') return response.writeHead(404).end()
    if (method === 'POST') return response.writeHead(202, { location: '/v2/app/blobs/uploads/1' }).end()
    if (method === 'PATCH') return response.writeHead(202, { location: '/v2/app/blobs/uploads/1' }).end()
    if (!path.includes('/manifests/')) return response.writeHead(201).end()
    const type = headers['content-type'] ?? ''
    tried.push(type)
    if (takes.includes(type)) {
      taken.push(Buffer.from(body, 'latin1'))
      return response.writeHead(201).end()
    }
    const { status, code, message } = refusal
    return response.writeHead(status).end(JSON.stringify({ errors: [{ code, message }] }))
  }
  const { host } = await hostileServer(t, behave)
  const destination = await plainAccess(await tempDir(t), { retries: 0 })
  const push = (options: Partial<CopyOptions> = {}, image = randomImage({ seed: 'choosy' })) =>
    copyImage(image, parseImageName(`docker://${host}/app:1`), { policy, destination, ...options })
  return { tried, taken, push }
}

const refusals: readonly Refusal[] = [
  invalid,
  { status: 400, code: 'TAG_INVALID', message: 'manifest tag did not match URI' },
  { status: 405, code: 'UNSUPPORTED', message: 'Invalid parameter: Invalid JSON syntax' },
  { status: 415, code: 'UNSUPPORTED', message: 'unsupported media type' },
]
for (const refusal of refusals) {
  test(`a registry that says ${refusal.status} ${refusal.code} to OCI is given schema 2`, async t => {
    const { tried, taken, push } = await choosy(t, [mediaTypes.dockerManifest], refusal)
    const { manifestType, digest } = await push()
    t.is(manifestType, mediaTypes.dockerManifest)
    t.deepEqual(tried, [mediaTypes.ociManifest, mediaTypes.dockerManifest])
    t.is(manifestDigest(taken[0] ?? Buffer.of()), digest)
  })
}

test('a registry of old is given schema 1, one of OCI alone gets that', async t => {
  const old = await choosy(t, [mediaTypes.dockerSchema1Signed])
  t.is((await old.push()).manifestType, mediaTypes.dockerSchema1Signed)
  t.is(parseManifest(old.taken[0] ?? Buffer.of()).kind, 'schema1')
  const modern = await choosy(t, [mediaTypes.ociManifest])
  t.is((await modern.push({ format: 'oci' })).manifestType, mediaTypes.ociManifest)
  t.deepEqual(modern.tried, [mediaTypes.ociManifest])
})

test('zstd layers leave no other type to try', async t => {
  const { tried, push } = await choosy(t, [mediaTypes.dockerManifest])
  await t.throwsAsync(push({ compression: 'zstd', forceCompression: 'yes' }), { code: 'MANIFEST_REFUSED' })
  t.deepEqual(tried, [mediaTypes.ociManifest])
})

test('no other type is tried where one was asked for or the digest must stay', async t => {
  for (const options of [{ format: 'oci' }, { preserveDigests: 'yes' }] as const) {
    const { tried, push } = await choosy(t, [mediaTypes.dockerManifest])
    await t.throwsAsync(push(options), {
      code: 'MANIFEST_REFUSED',
      message: /uploading manifest 1 to .*manifest invalid/,
    })
    t.deepEqual(tried, [mediaTypes.ociManifest])
  }
})

test('when all are refused, the error tells of each', async t => {
  const { tried, push } = await choosy(t, [])
  const error = await t.throwsAsync(push(), { code: 'MANIFEST_REFUSED' })
  t.deepEqual(tried, [mediaTypes.ociManifest, mediaTypes.dockerManifest, mediaTypes.dockerSchema1Signed])
  t.true(error?.message.startsWith('Uploading manifest failed, attempted the following formats: '))
  for (const type of tried) t.true(error?.message.includes(`${type}(`))
})

test('what is no word about the type is not tried again', async t => {
  const { tried, push } = await choosy(t, [], { status: 403, code: 'DENIED', message: 'no' })
  await t.throwsAsync(push(), { code: 'FORBIDDEN' })
  t.is(tried.length, 1)
})

test('an index becomes a list, with its images, where OCI is not taken', async t => {
  const platforms = ['amd64', 's390x'].map(architecture => ({ os: 'linux', architecture }))
  const index = composeIndex(
    platforms.map(platform => ({ platform, image: randomImage({ seed: platform.architecture, platform }) })),
  )
  const { taken, push } = await choosy(t, [mediaTypes.dockerManifest, mediaTypes.dockerList])
  const { manifest, manifestType } = await push({ images: 'all' }, index)
  t.is(manifestType, mediaTypes.dockerList)
  const parsed = parseManifest(manifest)
  t.deepEqual(
    parsed.kind === 'index' && parsed.manifests.map(({ digest }) => digest),
    taken.slice(0, 2).map(bytes => manifestDigest(bytes)),
  )
})
