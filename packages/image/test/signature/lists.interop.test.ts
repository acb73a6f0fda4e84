import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { plainEnvironment, run, startRegistry, type Teardown, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { generateKey } from 'openpgp'
import {
  type AccessOptions,
  composeIndex,
  copyImage,
  type Digest,
  insecureAcceptAnything,
  isImageError,
  loadPolicy,
  parseDockerReference,
  parseImageName,
  parseManifest,
  type SimpleKey,
  simpleSigner,
} from '../../src/index.ts'
import { signatureUrl } from '../../src/signature/lookaside.ts'
import { randomImage } from '../../src/testing/index.ts'
import { plainAccess } from '../support/registry.ts'

const platforms = ['amd64', 'arm64'].map(architecture => ({ os: 'linux', architecture }))
const index = composeIndex(
  platforms.map(platform => ({ platform, image: randomImage({ seed: platform.architecture, platform }) })),
)
const [platform] = platforms

interface World {
  readonly directory: string
  readonly host: string
  readonly access: AccessOptions
  readonly key: SimpleKey
}

async function prepare(t: Teardown): Promise<World> {
  const directory = await tempDir(t)
  const { host } = await startRegistry(t)
  const access = await plainAccess(directory)
  const userIDs = [{ name: 'signer', email: 'signer@example.com' }]
  const { privateKey, publicKey } = await generateKey({ type: 'rsa', rsaBits: 2048, userIDs, format: 'object' })
  await writeFile(join(directory, 'key.gpg'), publicKey.write())
  const signedBy = { type: 'signedBy', keyType: 'GPGKeys', keyPath: join(directory, 'key.gpg') }
  await writeFile(join(directory, 'policy.json'), JSON.stringify({ default: [signedBy] }))
  return { directory, host, access, key: { key: Buffer.from(privateKey.armor()) } }
}

/** Pushes the index and signs what of it is told. */
async function push(
  { directory, host, access, key }: World,
  repository: string,
  choose: (list: Digest, instances: readonly Digest[]) => readonly (Digest | undefined)[],
): Promise<Digest> {
  const to = parseImageName(`docker://${host}/${repository}:1`)
  const options = { policy: insecureAcceptAnything, destination: access, images: 'all' } as const
  const { digest, manifest, manifestType } = await copyImage(index, to, options)
  const list = parseManifest(manifest, manifestType)
  const instances = list.kind === 'index' ? list.manifests.map(instance => instance.digest) : []
  const name = parseDockerReference(`${host}/${repository}:1`)
  for (const signed of choose(digest, instances).filter(one => one !== undefined)) {
    const signature = await simpleSigner(key).sign(signed, name)
    const path = fileURLToPath(signatureUrl(pathToFileURL(join(directory, 'signatures')), name, signed, 1))
    await mkdir(dirname(path), { recursive: true })
    if (signature.kind === 'simple') await writeFile(path, signature.bytes)
  }
  return digest
}

type Images = 'system' | 'all'

async function ours({ directory, access }: World, image: string, images: Images): Promise<string> {
  const policy = await loadPolicy(join(directory, 'policy.json'))
  const to = parseImageName(`dir:${await mkTarget(directory)}`)
  const options = { policy, source: access, images, signatures: 'remove', ...(platform && { platform }) } as const
  return copyImage(parseImageName(`docker://${image}`), to, options).then(
    () => 'accepted',
    error => (isImageError(error, 'POLICY_REJECTED') ? 'refused' : String(error)),
  )
}

async function theirs({ directory }: World, image: string, images: Images): Promise<string> {
  const global = ['--policy', join(directory, 'policy.json'), '--registries.d', join(directory, 'registries.d')]
  const copy = ['copy', '-q', '--remove-signatures', '--src-tls-verify=false', ...(images === 'all' ? ['--all'] : [])]
  const ends = [`docker://${image}`, `dir:${await mkTarget(directory)}`]
  const args = [...global, '--override-os', 'linux', '--override-arch', 'amd64', ...copy, ...ends]
  const { code, stderr } = await run('skopeo', args, { env: plainEnvironment })
  return code === 0 ? 'accepted' : /Source image rejected/.test(stderr) ? 'refused' : stderr
}

let targets = 0
async function mkTarget(directory: string): Promise<string> {
  const target = join(directory, `target-${targets++}`)
  await mkdir(target)
  return target
}

test('of an index itself and all images taken signatures are asked for; skopeo asks for those of the images alone', async t => {
  const world = await prepare(t)
  const signed = {
    none: () => [],
    list: (list: Digest) => [list],
    first: (_: Digest, [first]: readonly Digest[]) => [first],
    'list-and-first': (list: Digest, [first]: readonly Digest[]) => [list, first],
    'list-and-second': (list: Digest, [, second]: readonly Digest[]) => [list, second],
    images: (_: Digest, images: readonly Digest[]) => images,
    everything: (list: Digest, images: readonly Digest[]) => [list, ...images],
  }
  const accepted = { ours: [] as string[], theirs: [] as string[] }
  for (const [name, choose] of Object.entries(signed)) {
    const digest = await push(world, name, choose)
    for (const reference of [`${name}:1`, `${name}@${digest}`]) {
      for (const images of ['system', 'all'] as const) {
        const image = `${world.host}/${reference}`
        const told = `${images} of ${reference.replace(/@.*/, ' by digest')}`
        if ((await ours(world, image, images)) === 'accepted') accepted.ours.push(told)
        if ((await theirs(world, image, images)) === 'accepted') accepted.theirs.push(told)
      }
    }
  }
  const both = [
    'system of list-and-first:1',
    'system of list-and-first by digest',
    'system of everything:1',
    'all of everything:1',
    'system of everything by digest',
    'all of everything by digest',
  ]
  t.deepEqual(accepted.ours, both)
  const theirsAlone = [
    'system of first:1',
    'system of first by digest',
    'system of images:1',
    'all of images:1',
    'system of images by digest',
    'all of images by digest',
  ]
  t.deepEqual(accepted.theirs.toSorted(), [...both, ...theirsAlone].toSorted())
})
