import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { output, run, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { generateKey } from 'openpgp'
import {
  type AccessOptions,
  copyImage,
  type Digest,
  type DockerReference,
  insecureAcceptAnything,
  isImageError,
  loadPolicy,
  parseImageName,
  readManifest,
  type Signer,
  type SimpleKey,
  simpleSigner,
} from '../../src/index.ts'
import { randomImage } from '../../src/testing/index.ts'
import { plainAccess, startRegistry } from '../support/registry.ts'

const cleanups: (() => Promise<void>)[] = []
test.after.always(async () => {
  for (const cleanup of cleanups) await cleanup()
})

interface World {
  readonly root: string
  readonly host: string
  readonly access: AccessOptions
  readonly digest: string
}
let world: World = { root: '', host: '', access: {}, digest: '' }

interface Key extends SimpleKey {
  readonly fingerprint: string
}

async function makeKey(root: string, name: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKey({
    type: 'rsa',
    rsaBits: 2048,
    userIDs: [{ name, email: `${name}@example.com` }],
    format: 'object',
  })
  await writeFile(join(root, `${name}.gpg`), publicKey.write())
  await writeFile(join(root, `${name}.asc`), publicKey.armor())
  await writeFile(join(root, `${name}.secret`), privateKey.armor(), { mode: 0o600 })
  return { key: Buffer.from(privateKey.armor()), fingerprint: publicKey.getFingerprint().toUpperCase() }
}

test.before(async () => {
  const root = await tempDir({ teardown: cleanup => void cleanups.push(cleanup) }, 'policy')
  const registry = await startRegistry(join(root, 'registry'))
  cleanups.unshift(() => Promise.resolve(registry[Symbol.asyncDispose]()))
  const access = await plainAccess(root)
  const [one, two] = [await makeKey(root, 'one'), await makeKey(root, 'two')]
  const { host } = registry
  const push = async (name: string, keys: readonly SimpleKey[], signIdentity?: string) => {
    await copyImage(randomImage({ seed: name }), parseImageName(`docker://${host}/team/${name}:1`), {
      policy: insecureAcceptAnything,
      destination: access,
      signBy: keys.map(simpleSigner),
      ...(signIdentity !== undefined && { signIdentity }),
    })
  }
  await push('signed', [one])
  await push('other', [two])
  await push('both', [two, one])
  await push('renamed', [one], `${host}/team/elsewhere:1`)
  await push('vendor', [one], 'vendor.example.com/team/vendor:1')
  await push('unsigned', [])
  const { sign } = simpleSigner(one)
  const pushNamed = async (name: string, identity: (digest: Digest) => DockerReference) => {
    const to = parseImageName(`docker://${host}/team/${name}:1`)
    const signBy: readonly Signer[] = [{ sign: digest => sign(digest, identity(digest)) }]
    await copyImage(randomImage({ seed: name }), to, { policy: insecureAcceptAnything, destination: access, signBy })
  }
  await pushNamed('by-digest', digest => ({ domain: host, path: 'team/by-digest', digest }))
  await pushNamed('no-tag', () => ({ domain: host, path: 'team/no-tag' }))
  await pushNamed('of-vendor', () => ({ domain: 'vendor.example.com', path: 'team/of-vendor', tag: '1' }))
  const { digest } = await readManifest(parseImageName(`docker://${host}/team/signed:1`), { access })
  world = { root, host, access, digest }
  await signWithSkopeo(root, host, one)
})

/** An image copied and signed by skopeo with the first key. */
async function signWithSkopeo(root: string, host: string, { fingerprint }: Key): Promise<void> {
  const home = join(root, 'gnupg')
  await mkdir(home, { mode: 0o700 })
  const env = { PATH: '/usr/bin:/bin', HOME: root, GNUPGHOME: home }
  await output('gpg', ['--batch', '--import', join(root, 'one.secret')], { env })
  const access = ['--src-tls-verify=false', '--dest-tls-verify=false', '--sign-by', fingerprint]
  const from = `docker://${host}/team/unsigned:1`
  const global = ['--insecure-policy', '--registries.d', join(root, 'registries.d')]
  await output('skopeo', [...global, 'copy', '-q', ...access, from, `docker://${host}/team/by-skopeo:1`], { env })
  await run('gpgconf', ['--kill', 'all'], { env })
}

const images = {
  signed: () => `${world.host}/team/signed:1`,
  'by digest': () => `${world.host}/team/signed@${world.digest}`,
  other: () => `${world.host}/team/other:1`,
  both: () => `${world.host}/team/both:1`,
  renamed: () => `${world.host}/team/renamed:1`,
  vendor: () => `${world.host}/team/vendor:1`,
  unsigned: () => `${world.host}/team/unsigned:1`,
  'by skopeo': () => `${world.host}/team/by-skopeo:1`,
  'named by digest': () => `${world.host}/team/by-digest:1`,
  'named by digest, by digest': () => digestName('by-digest'),
  'named without tag': () => `${world.host}/team/no-tag:1`,
  'named without tag, by digest': () => digestName('no-tag'),
  'of the vendor': () => `${world.host}/team/of-vendor:1`,
  'of the vendor, by digest': () => digestName('of-vendor'),
}

async function digestName(name: string): Promise<string> {
  const from = parseImageName(`docker://${world.host}/team/${name}:1`)
  return `${world.host}/team/${name}@${(await readManifest(from, { access: world.access })).digest}`
}

const by = (name: string, signedIdentity?: object) => ({
  type: 'signedBy',
  keyType: 'GPGKeys',
  keyPath: join(world.root, `${name}.gpg`),
  ...(signedIdentity && { signedIdentity }),
})

const requirements: Readonly<Record<string, () => readonly object[] | Promise<readonly object[]>>> = {
  accept: () => [{ type: 'insecureAcceptAnything' }],
  reject: () => [{ type: 'reject' }],
  one: () => [by('one')],
  'one, armored': () => [{ ...by('one'), keyPath: join(world.root, 'one.asc') }],
  'one, key in the policy': async () => {
    const { keyPath: _, ...rest } = by('one')
    return [{ ...rest, keyData: (await readFile(join(world.root, 'one.gpg'))).toString('base64') }]
  },
  'one, matchExact': () => [by('one', { type: 'matchExact' })],
  'one, matchRepository': () => [by('one', { type: 'matchRepository' })],
  'one, exactReference': () => [
    by('one', { type: 'exactReference', dockerReference: `${world.host}/team/elsewhere:1` }),
  ],
  'one, exactRepository': () => [
    by('one', { type: 'exactRepository', dockerRepository: `${world.host}/team/elsewhere` }),
  ],
  'one, remapped': () => [
    by('one', { type: 'remapIdentity', prefix: `${world.host}/team`, signedPrefix: 'vendor.example.com/team' }),
  ],
  'one, remapped from the host': () => [
    by('one', { type: 'remapIdentity', prefix: world.host, signedPrefix: 'vendor.example.com' }),
  ],
  'one, remapped from the host without its port': () => [
    by('one', { type: 'remapIdentity', prefix: '127.0.0.1', signedPrefix: 'vendor.example.com' }),
  ],
  'one, remapped from the repository': () => [
    by('one', {
      type: 'remapIdentity',
      prefix: `${world.host}/team/of-vendor`,
      signedPrefix: 'vendor.example.com/team/of-vendor',
    }),
  ],
  'one, remapped from half a name': () => [
    by('one', { type: 'remapIdentity', prefix: `${world.host}/te`, signedPrefix: 'vendor.example.com/te' }),
  ],
  two: () => [by('two')],
  'one and two': () => [by('one'), by('two')],
  'one and reject': () => [by('one'), { type: 'reject' }],
  'a key that is not there': () => [by('three')],
}

/** What skopeo and we decide of one policy and one image: the same. */
async function decisions(
  policy: unknown,
  image: string,
  directory: string,
): Promise<{ ours: string; theirs: string; said: string }> {
  const path = join(directory, 'policy.json')
  await writeFile(path, typeof policy === 'string' ? policy : JSON.stringify(policy))
  const target = join(directory, 'ours')
  const ours = await decide(path, image, target)
  const args = [
    '--policy',
    path,
    '--registries.d',
    join(world.root, 'registries.d'),
    'copy',
    '-q',
    '--src-tls-verify=false',
  ]
  const theirs = await run('skopeo', [
    ...args,
    '--remove-signatures',
    `docker://${image}`,
    `dir:${join(directory, 'theirs')}`,
  ])
  await rm(target, { recursive: true, force: true })
  return { ours, theirs: theirs.code === 0 ? 'accepted' : 'refused', said: theirs.stderr }
}

async function decide(path: string, image: string, target: string): Promise<'accepted' | 'refused'> {
  try {
    const policy = await loadPolicy(path)
    await copyImage(parseImageName(`docker://${image}`), parseImageName(`dir:${target}`), {
      policy,
      source: world.access,
      signatures: 'remove',
    })
    return 'accepted'
  } catch (error) {
    if (isImageError(error, 'POLICY_REJECTED', 'POLICY_INVALID')) return 'refused'
    throw error
  }
}

test.serial('the right key accepts, the wrong one does not', async t => {
  const directory = await tempDir(t)
  t.is((await decisions({ default: [by('one')] }, images.signed(), directory)).ours, 'accepted')
  t.is((await decisions({ default: [by('one')] }, images['by skopeo'](), directory)).ours, 'accepted')
  t.is((await decisions({ default: [by('one')] }, images.other(), directory)).ours, 'refused')
})

for (const [what, requirement] of Object.entries(requirements)) {
  test.serial(`${what}: as skopeo decides, for every image`, async t => {
    const directory = await tempDir(t)
    for (const [name, image] of Object.entries(images)) {
      const { ours, theirs, said } = await decisions({ default: await requirement() }, await image(), directory)
      t.is(ours, theirs, `${name}: skopeo said ${said}`)
    }
  })
}

const scopes: Readonly<Record<string, () => object>> = {
  exact: () => ({ [`${world.host}/team/unsigned:1`]: [{ type: 'insecureAcceptAnything' }] }),
  repository: () => ({ [`${world.host}/team/unsigned`]: [{ type: 'insecureAcceptAnything' }] }),
  namespace: () => ({ [`${world.host}/team`]: [{ type: 'insecureAcceptAnything' }] }),
  host: () => ({ [world.host]: [{ type: 'insecureAcceptAnything' }] }),
  transport: () => ({ '': [{ type: 'insecureAcceptAnything' }] }),
  'another tag': () => ({ [`${world.host}/team/unsigned:2`]: [{ type: 'insecureAcceptAnything' }] }),
  'half a name': () => ({ [`${world.host}/tea`]: [{ type: 'insecureAcceptAnything' }] }),
  'the narrower refuses': () => ({
    [world.host]: [{ type: 'insecureAcceptAnything' }],
    [`${world.host}/team`]: [{ type: 'reject' }],
  }),
}

for (const [what, scope] of Object.entries(scopes)) {
  test.serial(`scope ${what}: as skopeo decides`, async t => {
    const policy = { default: [{ type: 'reject' }], transports: { docker: scope() } }
    const { ours, theirs, said } = await decisions(policy, images.unsigned(), await tempDir(t))
    t.is(ours, theirs, said)
  })
}

const local: Readonly<Record<string, (path: string) => readonly [string, object]>> = {
  'dir, its path': path => [`dir:${path}`, { dir: { [path]: [{ type: 'insecureAcceptAnything' }] } }],
  'dir, a directory above': path => [`dir:${path}`, { dir: { [dirname(path)]: [{ type: 'insecureAcceptAnything' }] } }],
  'dir, half a name': path => [`dir:${path}`, { dir: { [path.slice(0, -1)]: [{ type: 'insecureAcceptAnything' }] } }],
  'dir, the root': path => [`dir:${path}`, { dir: { '/': [{ type: 'insecureAcceptAnything' }] } }],
  'dir, the transport': path => [`dir:${path}`, { dir: { '': [{ type: 'insecureAcceptAnything' }] } }],
  'dir by another transport': path => [`dir:${path}`, { oci: { '': [{ type: 'insecureAcceptAnything' }] } }],
  'oci, its path': path => [`oci:${path}-oci:x`, { oci: { [`${path}-oci`]: [{ type: 'insecureAcceptAnything' }] } }],
  'oci, its path and name': path => [
    `oci:${path}-oci:x`,
    { oci: { [`${path}-oci:x`]: [{ type: 'insecureAcceptAnything' }] } },
  ],
  'oci, a directory above': path => [
    `oci:${path}-oci:x`,
    { oci: { [dirname(path)]: [{ type: 'insecureAcceptAnything' }] } },
  ],
  'docker-archive, its path': path => [
    `docker-archive:${path}.tar`,
    { 'docker-archive': { [`${path}.tar`]: [{ type: 'insecureAcceptAnything' }] } },
  ],
  'docker-archive, the transport': path => [
    `docker-archive:${path}.tar`,
    { 'docker-archive': { '': [{ type: 'insecureAcceptAnything' }] } },
  ],
}

for (const [what, scope] of Object.entries(local)) {
  test.serial(`scope of ${what}: as skopeo decides`, async t => {
    const directory = await tempDir(t)
    const [name, transports] = scope(join(directory, 'image'))
    await copyImage(randomImage({ seed: what }), parseImageName(name), { policy: insecureAcceptAnything })
    const path = join(directory, 'policy.json')
    await writeFile(path, JSON.stringify({ default: [{ type: 'reject' }], transports }))
    const to = parseImageName(`dir:${join(directory, 'ours')}`)
    const ours = await loadPolicy(path)
      .then(policy => copyImage(parseImageName(name), to, { policy }))
      .then(
        () => 'accepted',
        error => (isImageError(error, 'POLICY_REJECTED', 'POLICY_INVALID') ? 'refused' : String(error)),
      )
    const theirs = await run('skopeo', ['--policy', path, 'copy', '-q', name, `dir:${join(directory, 'theirs')}`])
    t.is(
      ours,
      theirs.code === 0
        ? 'accepted'
        : /rejected by policy|invalid policy|Invalid/.test(theirs.stderr)
          ? 'refused'
          : theirs.stderr,
    )
  })
}

const accept = '{"type":"insecureAcceptAnything"}'
const broken: Readonly<Record<string, string>> = {
  'not JSON': '{',
  'no default': '{"transports":{}}',
  'an empty default': '{"default":[]}',
  'no requirement type': '{"default":[{}]}',
  'an unknown requirement': '{"default":[{"type":"trustMe"}]}',
  'an unknown key': `{"default":[${accept}],"extra":1}`,
  'a duplicate key': `{"default":[${accept}],"default":[${accept}]}`,
  'an extra key in a requirement': '{"default":[{"type":"insecureAcceptAnything","x":1}]}',
  'no key': '{"default":[{"type":"signedBy","keyType":"GPGKeys"}]}',
  'two keys': '{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"/a","keyData":"AA=="}]}',
  'an unknown key type': '{"default":[{"type":"signedBy","keyType":"Paper","keyPath":"/a"}]}',
  'an unknown identity':
    '{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"/a","signedIdentity":{"type":"any"}}]}',
  'an incomplete identity':
    '{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"/a","signedIdentity":{"type":"exactReference"}}]}',
  'a base layer': '{"default":[{"type":"signedBaseLayer","baseLayerIdentity":{"type":"matchExact"}}]}',
  'a sigstore key that is none': '{"default":[{"type":"sigstoreSigned","keyData":"AA=="}]}',
  'a list for a policy': '[]',
}

for (const [what, policy] of Object.entries(broken)) {
  test.serial(`a policy with ${what}: refused, as skopeo refuses it`, async t => {
    const { ours, theirs, said } = await decisions(policy, images.unsigned(), await tempDir(t))
    t.is(theirs, 'refused', said)
    t.is(ours, 'refused')
  })
}
