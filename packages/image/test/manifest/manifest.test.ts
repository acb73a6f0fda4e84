import test from 'ava'
import type { Descriptor } from '../../src/index.ts'
import { chooseInstance, guessManifestType, isImageError, mediaTypes, parseManifest } from '../../src/index.ts'
import { inFamily } from '../../src/manifest/layer-type.ts'

const digest = (digit: string) => `sha256:${digit.repeat(64)}`
const config = { mediaType: mediaTypes.ociConfig, digest: digest('a'), size: 2 }
const layer = { mediaType: mediaTypes.ociLayerGzip, digest: digest('b'), size: 3 }
const image = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [layer] }
const index = {
  schemaVersion: 2,
  mediaType: mediaTypes.ociIndex,
  manifests: [{ ...layer, mediaType: mediaTypes.ociManifest }],
}
const bytes = (document: unknown): Uint8Array =>
  Buffer.from(typeof document === 'string' ? document : JSON.stringify(document))

test('an image keeps what OCI 1.1 says about it', t => {
  const full = { ...image, artifactType: 'application/x', subject: layer, annotations: { a: 'b' } }
  const manifest = parseManifest(bytes(full), mediaTypes.ociManifest)
  t.like(manifest, {
    kind: 'image',
    artifactType: 'application/x',
    subject: { digest: digest('b') },
    annotations: { a: 'b' },
  })
})

const ambiguous: Readonly<Record<string, readonly [unknown, string?]>> = {
  'an image with manifests': [{ ...image, manifests: index.manifests }],
  'an index with layers': [{ ...index, layers: [layer] }],
  'an index with a config': [{ ...index, config }],
  'an image with fsLayers': [{ ...image, fsLayers: [] }],
  'an image with history': [{ ...image, history: [] }],
  'an image served as an index': [image, mediaTypes.ociIndex],
  'an index served as an image': [index, mediaTypes.dockerManifest],
  'two configs': [
    `{"schemaVersion":2,"mediaType":"${mediaTypes.ociManifest}","config":${JSON.stringify(config)},"config":${JSON.stringify(config)},"layers":[]}`,
  ],
  'keys in another case': [{ ...image, Layers: [] }],
  'schema version 1 with layers': [{ schemaVersion: 1, layers: [] }],
  'schema version 3': [{ ...image, schemaVersion: 3 }],
  'no object': ['[]'],
  'a negative size': [{ ...image, layers: [{ ...layer, size: -1 }] }],
  'a size beyond 2^53': [
    `{"schemaVersion":2,"mediaType":"${mediaTypes.ociManifest}","config":{"digest":"${digest('a')}","size":9007199254740993},"layers":[]}`,
  ],
}

for (const [what, [document, label]] of Object.entries(ambiguous)) {
  test(`${what}: refused`, t => {
    t.true(
      isImageError(
        t.throws(() => parseManifest(bytes(document), label)),
        'MANIFEST_INVALID',
      ),
    )
  })
}

for (const bad of [
  'sha256:../../x',
  `sha256:${'A'.repeat(64)}`,
  'sha256:abc',
  `md5:${'a'.repeat(32)}`,
  '',
  `${digest('a')}?x=y`,
  `${digest('a')}#x`,
]) {
  test(`the digest ${JSON.stringify(bad)} is refused wherever it stands`, t => {
    t.throws(() => parseManifest(bytes({ ...image, config: { ...config, digest: bad } })))
    t.throws(() => parseManifest(bytes({ ...image, layers: [{ ...layer, digest: bad }] })))
    t.throws(() => parseManifest(bytes({ ...index, manifests: [{ ...layer, digest: bad }] })))
    t.throws(() => parseManifest(bytes({ ...image, subject: { ...layer, digest: bad } })))
  })
}

const shapes: readonly (readonly [unknown, string])[] = [
  [{ schemaVersion: 1, fsLayers: [], signatures: [] }, mediaTypes.dockerSchema1Signed],
  [{ schemaVersion: 1, fsLayers: [] }, mediaTypes.dockerSchema1],
  [{ schemaVersion: 2, config: { mediaType: mediaTypes.dockerConfig } }, mediaTypes.dockerManifest],
  [{ schemaVersion: 2, config: { mediaType: mediaTypes.ociConfig } }, mediaTypes.ociManifest],
  [{ schemaVersion: 2, manifests: [{}] }, mediaTypes.ociIndex],
  [{ schemaVersion: 2 }, mediaTypes.ociManifest],
  [{}, ''],
]

for (const [document, type] of shapes) {
  test(`${JSON.stringify(document)} is taken for ${type || 'nothing'}`, t =>
    t.is(guessManifestType(bytes(document)), type))
}

const instances = ['linux/amd64', 'linux/arm/v5', 'linux/arm/v7', 'linux/arm64', 'linux/arm64/v8', 'windows/amd64'].map(
  (name, at) => {
    const [os = '', architecture = '', variant] = name.split('/')
    return {
      ...layer,
      digest: digest(String(at)),
      platform: { os, architecture, ...(variant && { variant }) },
    } as Descriptor
  },
)
const chosen: readonly (readonly [object, string])[] = [
  [{ os: 'linux', architecture: 'amd64' }, '0'],
  [{ os: 'linux', architecture: 'arm', variant: 'v7' }, '2'],
  [{ os: 'linux', architecture: 'arm', variant: 'v6' }, '1'],
  [{ os: 'linux', architecture: 'arm64', variant: 'v8' }, '4'],
  [{ os: 'windows', architecture: 'amd64' }, '5'],
]

for (const [platform, digit] of chosen) {
  test(`${JSON.stringify(platform)} is instance ${digit}`, t =>
    t.is(String(chooseInstance(instances, platform).digest), digest(digit)))
}

test('a platform that is not there is told with those that are', t => {
  const error = t.throws(() => chooseInstance(instances, { os: 'linux', architecture: 'riscv64' }))
  t.true(isImageError(error, 'PLATFORM_UNAVAILABLE'))
  t.regex(isImageError(error) ? (error.hint ?? '') : '', /linux\/arm\/v7/)
})

test('layers that are not to be distributed are called so in both families', t => {
  const { dockerForeignLayer, dockerForeignLayerGzip, ociForeignLayer, ociForeignLayerGzip, ociForeignLayerZstd } =
    mediaTypes
  for (const [docker, oci] of [
    [dockerForeignLayer, ociForeignLayer],
    [dockerForeignLayerGzip, ociForeignLayerGzip],
  ] as const) {
    t.deepEqual([inFamily(docker, 'oci'), inFamily(docker, 'docker')], [oci, docker])
    t.deepEqual([inFamily(oci, 'oci'), inFamily(oci, 'docker')], [oci, docker])
  }
  t.is(inFamily(ociForeignLayerZstd, 'docker'), undefined)
})
