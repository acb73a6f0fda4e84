import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output, plainEnvironment, type Registry, run, startRegistry } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { busybox, type Cli, openCliWithBusybox, peerGlobals } from './cli.ts'

const insecure = '--tls-verify=false'

/** The list as the store has it. */
const inspect = async (cli: Cli, name: string) => JSON.parse(await cli.ok('manifest', 'inspect', name))

const raw = async (image: string) =>
  JSON.parse(await output('skopeo', ['inspect', insecure, '--raw', `docker://${image}`]))

/** A store with the busybox image for two machines. */
async function openWithTwo(t: ExecutionContext, name: string): Promise<Cli> {
  const cli = await openCliWithBusybox(t, name)
  await cli.ok(
    'import',
    '-q',
    '--arch',
    'arm64',
    '--variant',
    'v8',
    join(cli.directory, 'busybox.tar'),
    'localhost/arm:1',
  )
  return cli
}

const local = (name: string): string => `containers-storage:${name}`

test('a list is created, extended, annotated, cut and removed as Podman does it', async t => {
  const cli = await openWithTwo(t, 'list')
  const podman = (...args: string[]) => run('podman', [...peerGlobals(cli), ...args], { env: plainEnvironment })
  const id = await cli.ok('manifest', 'create', 'list:1')
  t.regex(id, /^[0-9a-f]{64}$/)
  t.deepEqual(await inspect(cli, 'list:1'), {
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json',
    manifests: [],
  })
  t.is(await cli.ok('manifest', 'add', 'list:1', local(busybox)), id)
  t.is(
    await cli.ok('manifest', 'add', '--annotation', 'a=b', '--variant', 'v9', 'list:1', local('localhost/arm:1')),
    id,
  )
  const [amd, arm] = (await inspect(cli, 'list:1')).manifests
  t.deepEqual(amd.platform, { architecture: 'amd64', os: 'linux' })
  t.deepEqual([arm.platform, arm.annotations], [{ architecture: 'arm64', os: 'linux', variant: 'v9' }, { a: 'b' }])
  const theirs = JSON.parse((await podman('manifest', 'inspect', 'list:1')).stdout)
  t.deepEqual(theirs.manifests, (await inspect(cli, 'list:1')).manifests)
  await cli.ok('manifest', 'annotate', '--os-version', '12', '--os-features', 'x,y', 'list:1', amd.digest)
  await cli.ok('manifest', 'annotate', '--index', '--annotation', 'whole=yes', 'list:1')
  const annotated = await inspect(cli, 'list:1')
  t.deepEqual(annotated.manifests[0].platform, {
    architecture: 'amd64',
    os: 'linux',
    'os.version': '12',
    'os.features': ['x', 'y'],
  })
  t.deepEqual(annotated.annotations, { whole: 'yes' })
  t.is((await podman('manifest', 'remove', 'list:1', arm.digest)).code, 0)
  t.is((await inspect(cli, 'list:1')).manifests.length, 1)
  t.is(await cli.ok('manifest', 'remove', 'list:1', amd.digest), id)
  t.is(await cli.ok('manifest', 'rm', 'list:1'), `Untagged: localhost/list:1\nDeleted: ${id}`)
})

test("what a list cannot do is told in Podman's words", async t => {
  const cli = await openWithTwo(t, 'words')
  const id = await cli.ok('manifest', 'create', 'list:1')
  const none = `sha256:${'1'.repeat(64)}`
  const cases: [readonly string[], number, RegExp][] = [
    [
      ['create', 'list:1'],
      125,
      new RegExp(`image name "localhost/list:1" is already associated with image "${id}": that name is already in use`),
    ],
    [['add', 'nope', busybox], 125, /^Error: nope: image not known/],
    [['add', 'busybox', busybox], 125, /^Error: localhost\/busybox:latest: image is not a manifest list/],
    [['add', 'list:1', local('nope')], 125, /nope: image not known/],
    [['add', '--artifact-type', 'x', 'list:1', busybox], 125, /--artifact-type requires --artifact/],
    [
      ['add', 'list:1', 'dir:/nowhere'],
      125,
      /^Error: reading manifest from "dir:\/nowhere": open \/nowhere\/manifest.json: no such file or directory\n$/,
    ],
    [['add', '--artifact', 'list:1', '/nowhere'], 125, /open \/nowhere: no such file or directory/],
    [
      ['remove', 'list:1', none],
      125,
      /removing from manifest list list:1: no instance matching digest .* found in manifest list/,
    ],
    [
      ['remove', 'list:1', 'x'],
      125,
      /removing from manifest list list:1: invalid image digest "x": invalid checksum digest format/,
    ],
    [['annotate', 'list:1'], 125, /expected an instance digest, image name, or artifact name/],
    [['annotate', '--index', 'list:1', none], 125, /did not expect image or artifact name/],
    [
      ['annotate', '--index', '--os', 'linux', 'list:1'],
      125,
      /setting OS on an item in a manifest list requires an instance digest/,
    ],
    [['annotate', '--annotation', 'x', 'list:1', none], 125, /expected --annotation "x" to be in key=value format/],
    [['rm', 'nope'], 1, /^Error: nope: image not known/],
    [['rm', 'busybox'], 125, /image is not a manifest list/],
    [['push', '--format', 'zip', 'list:1', 'dir:/nowhere'], 125, /unknown format "zip"/],
    [
      ['push', '--format', 'v2s1', 'list:1', 'dir:/nowhere'],
      125,
      /unknown format "v2s1"\. Choose one of the supported formats: 'oci' or 'v2s2'/,
    ],
    [
      ['push', 'nope', 'dir:/nowhere'],
      125,
      /^Error: retrieving local image from image name nope: nope: image not known\n$/,
    ],
    [
      ['push', '--quiet', 'list:1', `dir:${cli.directory}`],
      125,
      /^Error: initializing destination dir:.*: not a containers image directory, don't want to overwrite important data\n$/,
    ],
    [
      ['push', '--quiet', 'list:1', local('localhost/other')],
      125,
      /copying multiple images: destination transport "containers-storage" does not support copying multiple images as a group/,
    ],
    [['create', '--insecure', '--tls-verify', 'new'], 125, /--insecure may not be used with --tls-verify/],
    [['create', '--authfile', '/x', 'new'], 125, /unknown flag: --authfile/],
    [['add', '--os-features', 'x', 'list:1', busybox], 125, /unknown flag: --os-features/],
    [['inspect', '--creds', 'a:b', 'list:1'], 125, /unknown flag: --creds/],
  ]
  for (const [args, status, message] of cases) {
    const { code, stderr } = await cli.run(['manifest', ...args])
    t.is(code, status, `${args.join(' ')}: ${stderr}`)
    t.regex(stderr, message)
  }
  t.is((await cli.run(['manifest', 'exists', 'list:1'])).code, 0)
  t.is((await cli.run(['manifest', 'exists', 'nope'])).code, 1)
  t.is(await cli.ok('manifest', 'rm', '--ignore', 'nope'), '')
  t.is(await cli.ok('manifest', 'create', '--amend', 'list:1', local(busybox)), id)
  t.is(await cli.ok('image', 'exists', busybox), '')
})

test('a list is pushed with its images, in more compressions, in another format, or alone; others read it', async t => {
  const cli = await openWithTwo(t, 'push')
  const registry: Registry = await startRegistry(t)
  const image = (name: string): string => `${registry.host}/${name}:1`
  await cli.ok('manifest', 'create', 'list', local(busybox), local('localhost/arm:1'))
  const digestFile = join(cli.directory, 'digest')
  const push = (name: string, ...more: string[]) =>
    cli.ok('manifest', 'push', '-q', insecure, '--digestfile', digestFile, ...more, 'list', image(name))
  await push('plain')
  const digest = await output('cat', [digestFile])
  t.is(
    (await output('skopeo', ['inspect', insecure, '--format', '{{.Digest}}', `docker://${image('plain')}`])).trim(),
    digest,
  )
  await push('zstd', '--add-compression', 'zstd')
  const { manifests } = await raw(image('zstd'))
  const zstd = 'io.github.containers.compression.zstd'
  t.deepEqual(
    manifests.map((entry: Entry) => [entry.platform?.architecture, entry.annotations?.[zstd]]),
    [
      ['amd64', undefined],
      ['arm64', undefined],
      ['amd64', 'true'],
      ['arm64', 'true'],
    ],
  )
  const compressed = await raw(`${registry.host}/zstd@${manifests[2].digest}`)
  t.regex(compressed.layers[0].mediaType, /\+zstd$/)
  await push('docker', '--format', 'v2s2')
  const docker = await raw(image('docker'))
  t.is(docker.mediaType, 'application/vnd.docker.distribution.manifest.list.v2+json')
  t.is(docker.manifests[0].mediaType, 'application/vnd.docker.distribution.manifest.v2+json')
  for (const name of ['plain', 'zstd', 'docker']) {
    const all = ['--insecure-policy', 'copy', '-q', '--all', '--src-tls-verify=false']
    await output('skopeo', [...all, `docker://${image(name)}`, `dir:${join(cli.directory, name)}`])
  }
  t.deepEqual(await inspect(cli, 'list'), JSON.parse(await cli.ok('manifest', 'inspect', 'list')))
  const shown = await cli.run([
    'manifest',
    'push',
    insecure,
    '--add-compression',
    'zstd',
    'list',
    `dir:${cli.directory}/d`,
  ])
  const told = shown.stderr.split('\n').filter(line => /^(?:Copying|Replicating) ?\d* image|list/.test(line))
  t.deepEqual(
    told.map(line => line.replace(/sha256:\w+/, 'DIGEST')),
    [
      'Getting image list signatures',
      'Copying 4 images generated from 2 images in list',
      'Copying image DIGEST (1/4)',
      'Copying image DIGEST (2/4)',
      'Replicating image DIGEST (3/4)',
      'Replicating image DIGEST (4/4)',
      'Writing manifest list to image destination',
      'Storing list signatures',
    ],
  )
  t.is(shown.stderr.match(/Getting image source signatures/g)?.length, 4, shown.stderr)
  await cli.ok('manifest', 'push', '-q', '--rm', insecure, 'list', image('last'))
  t.is((await cli.run(['manifest', 'exists', 'list'])).code, 1)
  t.is(JSON.parse(await cli.ok('manifest', 'inspect', insecure, image('last'))).manifests.length, 2)
  await cli.ok('manifest', 'create', insecure, '--all', 'again', `docker://${image('last')}`)
  t.is((await inspect(cli, 'again')).manifests.length, 2)
  await cli.ok('push', '-q', insecure, 'again', image('copied'))
  t.deepEqual(await raw(image('copied')), await raw(image('last')))
})

interface Entry {
  readonly platform?: { readonly architecture: string }
  readonly annotations?: Readonly<Record<string, string>>
}

test('files become artifacts of a list, whatever is said of them, and skopeo fetches them', async t => {
  const cli = await openCliWithBusybox(t, 'artifacts')
  const registry = await startRegistry(t)
  const file = async (name: string, content: string): Promise<string> => {
    const path = join(cli.directory, name)
    await writeFile(path, content)
    return path
  }
  const text = await file('read.txt', 'hello\n')
  const bytes = await file('zeroes', '\0'.repeat(5000))
  const config = await file('config.json', '{"a":1}')
  await cli.ok('manifest', 'create', 'list')
  await cli.ok('manifest', 'add', '--artifact', 'list', text, bytes)
  const typed = ['--artifact-type', 'text/x', '--artifact-layer-type', 'a/b', '--artifact-config-type', 'c/d']
  const more = ['--artifact-config', config, '--artifact-exclude-titles', '--os', 'linux', '--arch', 'amd64']
  await cli.ok('manifest', 'add', '--artifact', ...typed, ...more, '--artifact-subject', local(busybox), 'list', text)
  await cli.ok('manifest', 'annotate', '--annotation', 'k=v', 'list', 'zeroes')
  const listed = await inspect(cli, 'list')
  t.deepEqual(listed.manifests[0].files, [text, bytes])
  t.deepEqual(listed.manifests[0].annotations, { k: 'v' })
  const image = `${registry.host}/files:1`
  await cli.ok('manifest', 'push', '-q', insecure, 'list', image)
  const index = await raw(image)
  t.deepEqual(
    index.manifests.map((entry: { artifactType: string }) => entry.artifactType),
    ['application/vnd.unknown.artifact.v1', 'text/x'],
  )
  const [plain, other] = await Promise.all(
    index.manifests.map((entry: { digest: string }) => raw(`${registry.host}/files@${entry.digest}`)),
  )
  const title = 'org.opencontainers.image.title'
  t.is(plain.config.mediaType, 'application/vnd.oci.empty.v1+json')
  t.deepEqual(
    plain.layers.map((layer: { mediaType: string; annotations: object }) => [layer.mediaType, layer.annotations]),
    [
      ['text/plain', { [title]: 'read.txt' }],
      ['application/octet-stream', { [title]: 'zeroes' }],
    ],
  )
  t.deepEqual([other.config.mediaType, other.config.size, other.layers[0].mediaType], ['c/d', 7, 'a/b'])
  t.is(other.layers[0].annotations, undefined)
  t.is(other.subject.digest, await cli.ok('inspect', '--format', '{{.Digest}}', busybox))
  const all = ['--insecure-policy', 'copy', '-q', '--all', '--src-tls-verify=false']
  await output('skopeo', [...all, `docker://${image}`, `dir:${join(cli.directory, 'copied')}`])
})

test('twenty images added to one list at the same time are all in it', async t => {
  const cli = await openCliWithBusybox(t, 'crowd')
  const names = Array.from({ length: 20 }, (_, at) => `localhost/crowd:${at}`)
  const tar = join(cli.directory, 'busybox.tar')
  for (const name of names) await cli.ok('import', '-q', '--message', name, tar, name)
  await cli.ok('manifest', 'create', 'list')
  const queue = names.values()
  const lane = async () => {
    for (const name of queue) await cli.ok('manifest', 'add', 'list', local(name))
  }
  await Promise.all([lane(), lane(), lane(), lane()])
  t.is((await inspect(cli, 'list')).manifests.length, 20)
})

test('a single image is no list: of docker one hears what it is, any other is refused', async t => {
  const cli = await openCliWithBusybox(t, 'single')
  const registry = await startRegistry(t)
  const image = (name: string): string => `${registry.host}/${name}:1`
  for (const format of ['v2s2', 'oci']) await cli.ok('push', '-q', insecure, '--format', format, busybox, image(format))
  const docker = await cli.run(['manifest', 'inspect', '--insecure', image('v2s2')])
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json'
  t.deepEqual(JSON.parse(docker.stdout), { schemaVersion: 2, mediaType, manifests: null })
  t.regex(
    docker.stderr,
    /The manifest type application\/vnd.docker.distribution.manifest.v2\+json is not a manifest list/,
  )
  const oci = await cli.run(['manifest', 'inspect', insecure, image('oci')])
  t.is(oci.code, 125)
  t.regex(
    oci.stderr,
    /^Error: parsing manifest blob ".*manifest.v1\+json": Treating single images as manifest lists is not/,
  )
})

test('what containers.conf says of further compressions holds unless the command does', async t => {
  const cli = await openCliWithBusybox(t, 'added')
  const registry = await startRegistry(t)
  await cli.ok('manifest', 'create', 'list', local(busybox))
  const conf = join(cli.directory, 'containers.conf')
  const push = async (name: string, ...more: string[]) => {
    const image = `${registry.host}/${name}:1`
    const env = { ...plainEnvironment, CONTAINERS_CONF_OVERRIDE: conf }
    const { code, stderr } = await cli.run(['manifest', 'push', '-q', insecure, ...more, 'list', image], { env })
    return code === 0 ? (await raw(image)).manifests.length : stderr
  }
  await writeFile(conf, '[engine]\nadd_compression = ["zstd"]\n')
  t.is(await push('configured'), 2)
  t.is(await push('asked', '--add-compression', ''), 1)
  await writeFile(conf, '[engine]\nadd_compression = ["lzma"]\n')
  t.regex(await push('unknown'), /add_compression: cannot find compressor for "lzma"/)
})

test('verification that is asked for counts more than a registry that is known to be insecure, as with Podman', async t => {
  const cli = await openCliWithBusybox(t, 'verify')
  const registry = await startRegistry(t)
  const image = `${registry.host}/app:1`
  const conf = join(cli.directory, 'registries.conf')
  await writeFile(conf, `[[registry]]\nlocation = "${registry.host}"\ninsecure = true\n`)
  const env = { ...plainEnvironment, CONTAINERS_REGISTRIES_CONF: conf }
  await cli.ok('push', '-q', insecure, busybox, image)
  const verdicts = async (program: 'ours' | 'podman') => {
    const codes: (number | null)[] = []
    for (const more of [[], ['--tls-verify'], ['--tls-verify=false']]) {
      const args = ['pull', '-q', ...more, image]
      const theirs = () => run('podman', [...peerGlobals(cli), ...args], { env })
      codes.push((await (program === 'ours' ? cli.run(args, { env }) : theirs())).code)
    }
    return codes
  }
  t.deepEqual(await verdicts('ours'), [0, 125, 0])
  t.deepEqual(await verdicts('podman'), [0, 125, 0])
})
