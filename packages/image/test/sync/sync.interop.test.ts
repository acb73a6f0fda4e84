import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { output, startRegistry, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import {
  type AccessOptions,
  copyImage,
  formatImageName,
  insecureAcceptAnything,
  inspectImage,
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
