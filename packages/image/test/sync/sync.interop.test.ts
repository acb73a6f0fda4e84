import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output, startRegistry, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import {
  type AccessOptions,
  copyImage,
  formatImageName,
  insecureAcceptAnything,
  inspectImage,
  isImageError,
  listTags,
  parseDockerReference,
  parseImageName,
  type SyncOptions,
  syncImages,
} from '../../src/index.ts'
import { randomImage } from '../../src/testing/index.ts'
import { plainAccess } from '../support/registry.ts'

const policy = insecureAcceptAnything

interface Places {
  readonly host: string
  readonly directory: string
  readonly options: SyncOptions & { readonly source: AccessOptions }
}

async function places(t: ExecutionContext): Promise<Places> {
  const { host } = await startRegistry(t)
  const directory = await tempDir(t, 'sync')
  const access = await plainAccess(join(directory, 'access'))
  for (const tag of ['1', '2', 'old'])
    await copyImage(randomImage({ seed: tag }), parseImageName(`docker://${host}/team/app:${tag}`), {
      policy,
      destination: access,
    })
  return { host, directory, options: { policy, source: access, destination: access } }
}

const skopeoSync = (from: string, to: string, ...more: readonly string[]) =>
  output('skopeo', [
    '--insecure-policy',
    'sync',
    '--src-tls-verify=false',
    '--dest-tls-verify=false',
    ...more,
    from,
    to,
  ])
const tree = async (path: string): Promise<string[]> => (await readdir(path, { recursive: true })).sort()

for (const names of ['last', 'full'] as const) {
  test(`a repository into directories, ${names} names: the tree that skopeo makes`, async t => {
    const { host, directory, options } = await places(t)
    const [ours, theirs] = [join(directory, 'ours'), join(directory, 'theirs')]
    const repository = parseDockerReference(`${host}/team/app`)
    const done = await syncImages({ repository }, { directory: ours }, { ...options, names })
    t.is(done.length, 3)
    await skopeoSync(
      `${host}/team/app`,
      theirs,
      '--src',
      'docker',
      '--dest',
      'dir',
      ...(names === 'full' ? ['--scoped'] : []),
    )
    t.deepEqual(await tree(ours), await tree(theirs))
  })
}

test('directories into a registry, as skopeo does it', async t => {
  const { host, directory, options } = await places(t)
  const tags = /^[0-9]$/
  const repository = parseDockerReference(`${host}/team/app`)
  await syncImages({ repository, tags }, { directory: join(directory, 'images') }, options)
  await syncImages({ directory: join(directory, 'images') }, { repository: `${host}/ours` }, options)
  await skopeoSync(join(directory, 'images'), `${host}/theirs`, '--src', 'dir', '--dest', 'docker')
  const [ours, theirs] = await Promise.all(
    ['ours', 'theirs'].map(async name =>
      (await listTags(parseDockerReference(`${host}/${name}/app`), options.source)).sort(),
    ),
  )
  t.deepEqual(ours, ['1', '2'])
  t.deepEqual(ours, theirs)
})

test('a list in YAML, with names, patterns and digests, and how each registry is reached: the tree that skopeo makes', async t => {
  const { host, directory, options } = await places(t)
  const { host: guarded } = await startRegistry(t, { account: { username: 'john', password: 'this is a secret' } })
  const john = { ...options.source, credentials: { username: 'john', password: 'this is a secret' } }
  await copyImage(randomImage({ seed: 'guarded' }), parseImageName(`docker://${guarded}/private:3`), {
    policy,
    destination: john,
  })
  const { digest } = await inspectImage(parseImageName(`docker://${host}/team/app:2`), { access: options.source })
  const list = join(directory, 'sync.yml')
  await writeFile(
    list,
    `
${host}:
  tls-verify: false
  images:
    team/app: ["1", "${digest}"]
  images-by-tag-regex:
    team/app: ^o
${guarded}:
  tls-verify: false
  images:
    private: []
  credentials:
    username: john
    password: this is a secret
`,
  )
  const [ours, theirs] = [join(directory, 'ours'), join(directory, 'theirs')]
  const { tlsVerify: _, ...source } = options.source
  const done = await syncImages({ list }, { directory: ours }, { ...options, source, names: 'full' })
  t.is(done.length, 4)
  await output('skopeo', ['--insecure-policy', 'sync', '--scoped', '--src', 'yaml', '--dest', 'dir', list, theirs])
  t.deepEqual(await tree(ours), await tree(theirs))
})

test('a list by version; a registry that is away fails alone; what is wrong with a list is told with its place', async t => {
  const { host, directory, options } = await places(t)
  const list = join(directory, 'sync.yml')
  const write = (text: string) => writeFile(list, text)
  const target = { directory: join(directory, 'images') }
  const sync = (more: Partial<SyncOptions> = {}) => syncImages({ list }, target, { ...options, ...more })
  await write(`127.0.0.1:1: {images: {gone: []}}\n${host}: {images-by-semver: {team/app: ">= 2"}}`)
  const [gone, two, ...rest] = await sync({ failures: 'collect' })
  t.true(isImageError(gone?.error, 'REGISTRY_UNREACHABLE'))
  t.is(two && formatImageName(two.to), `dir:${directory}/images/app:2`)
  t.deepEqual(rest, [])
  await t.throwsAsync(sync(), { code: 'REGISTRY_UNREACHABLE' })
  const wrong = { code: 'SYNC_LIST_INVALID' }
  for (const [text, message] of [
    ['a: [1', /sync\.yml: /],
    ['[1]', /sync\.yml: must be a mapping/],
    [`${host}: {images: [app]}`, /images: must be a mapping/],
    [`${host}: {images: {app: ["a b"]}}`, /images: app: invalid tag format/],
    [`${host}: {images: {../up: []}}`, /invalid reference format/],
    [`${host}: {images-by-tag-regex: {app: "("}}`, /images-by-tag-regex: app: Invalid regular expression/],
    [`${host}: {images-by-semver: {app: latest}}`, /images-by-semver: app: improper constraint: latest/],
    [`${host}: {images: {app: []}, tls-verify: "no"}`, /tls-verify must be true or false/],
  ] as const) {
    await write(text)
    await t.throwsAsync(sync(), { ...wrong, message })
  }
  await write(`${host}: {}`)
  await t.throwsAsync(sync(), { code: 'IMAGE_UNKNOWN' })
})

test('a dry run copies nothing, and failures can be collected', async t => {
  const { host, directory, options } = await places(t)
  const repository = parseDockerReference(`${host}/team/app`)
  const target = { directory: join(directory, 'images') }
  const dry = await syncImages({ repository }, target, { ...options, run: 'dry' })
  t.deepEqual(
    dry.map(({ to }) => formatImageName(to)).sort(),
    ['1', '2', 'old'].map(tag => `dir:${directory}/images/app:${tag}`),
  )
  t.deepEqual(await readdir(target.directory).catch(() => []), [])
  await output('sh', ['-c', `mkdir -p ${directory}/images/app:2 && touch ${directory}/images/app:2/mine`])
  const done = await syncImages({ repository }, target, { ...options, failures: 'collect' })
  const failed = done.filter(({ error }) => error !== undefined).map(({ to }) => formatImageName(to))
  t.deepEqual(failed, [`dir:${directory}/images/app:2`])
  t.is(done.length, 3)
  await t.throwsAsync(syncImages({ repository }, target, options), { code: 'DESTINATION_REFUSED' })
  await t.throwsAsync(syncImages({ directory: join(directory, 'access') }, target, options), { code: 'IMAGE_UNKNOWN' })
})

test('an image is inspected as skopeo inspects it', async t => {
  const { host, options } = await places(t)
  const name = `docker://${host}/team/app:1`
  const said = JSON.parse(await output('skopeo', ['inspect', '--tls-verify=false', name])) as Record<string, unknown>
  const ours = await inspectImage(parseImageName(name), { access: options.source })
  t.like(said, {
    Name: ours.name,
    Digest: ours.digest,
    Created: ours.created,
    DockerVersion: ours.dockerVersion,
    Labels: ours.labels,
    Architecture: ours.architecture,
    Os: ours.os,
    Layers: ours.layers.map(({ digest }) => digest),
  } as object)
  const tags = await listTags(parseDockerReference(`${host}/team/app`), options.source)
  t.deepEqual((said.RepoTags as string[]).sort(), tags.sort())
})
