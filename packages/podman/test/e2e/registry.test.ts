import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, output, plainEnvironment, startRegistry } from '@libpod/test-kit'
import test from 'ava'
import { busybox, openCli, openCliWithBusybox } from './cli.ts'

const insecure = '--tls-verify=false'

test('pull what skopeo and buildah pushed: schema2 and OCI; gzip, zstd and plain layers; an index', async t => {
  const cli = await openCli(t, 'pull')
  const registry = await startRegistry(t)
  for (const image of ['v2s2-gzip', 'oci-gzip', 'oci-zstd', 'oci-plain', 'index'] as const) {
    const name = await registry.fixture(image)
    const { code, stdout, stderr } = await cli.run(['pull', insecure, name])
    t.is(code, 0, stderr)
    t.regex(stdout, /^[0-9a-f]{64}\n$/)
    t.regex(stderr, /Trying to pull .*\n(.*\n)*Copying blob sha256:[0-9a-f]{64}.*\n(.*\n)*Writing manifest/)
    t.is(await cli.ok('run', '--rm', '--network', 'none', name, 'echo', image), image)
  }
})

test('a short name is told to be an alias, or looked for in the registries of a file', async t => {
  const cli = await openCliWithBusybox(t, 'short')
  const registry = await startRegistry(t)
  const name = `${registry.host}/unheard:1`
  await cli.ok('push', '--quiet', insecure, busybox, name)
  const conf = join(cli.directory, 'registries.conf')
  const env = { ...plainEnvironment, CONTAINERS_REGISTRIES_CONF: conf }
  await writeFile(
    conf,
    `unqualified-search-registries = ["${registry.host}"]\n[aliases]\n"nick" = "${registry.host}/unheard"\n`,
  )
  for (const [asked, line] of [
    ['nick:1', `Resolved "nick" as an alias (${conf})`],
    ['unheard:1', `Resolving "unheard" using unqualified-search registries (${conf})`],
  ] as const) {
    const { code, stderr } = await cli.run(['pull', insecure, asked], { env })
    t.is(code, 0, stderr)
    t.true(stderr.startsWith(`${line}\nTrying to pull ${name}...\n`), stderr)
    await cli.ok('rmi', name)
  }
  t.is((await cli.run(['pull', '--quiet', insecure, 'unheard:1'], { env })).stderr, '')
  const told = await cli.run(['--log-level=debug', 'pull', '--quiet', insecure, 'unheard:1'], { env })
  t.regex(told.stderr, /level=debug msg="Pulling image unheard:1 \(policy: always\)"/)
})

test('images, tag, inspect, history and rmi of a pulled image', async t => {
  const cli = await openCli(t, 'manage')
  const registry = await startRegistry(t)
  const name = await registry.fixture('oci-gzip')
  const id = await cli.ok('pull', '--quiet', insecure, name)
  t.is(await cli.ok('images', '--no-trunc', '--quiet'), `sha256:${id}`)
  await cli.ok('tag', name, 'localhost/other:1')
  t.regex(await cli.ok('images', '--format', '{{.Repository}}:{{.Tag}}'), /localhost\/other:1/)
  t.is(await cli.ok('inspect', '--format', '{{.Id}}', 'localhost/other:1'), id)
  t.true((await cli.ok('history', '--quiet', name)).split('\n').length >= 1)
  t.is(await cli.ok('rmi', name), `Untagged: ${name}`)
  t.regex(await cli.ok('rmi', 'other:1'), new RegExp(`Untagged: localhost/other:1\nDeleted: ${id}`))
  t.is(await cli.ok('images', '--quiet', '--all'), '')
})

test('a wrong name, a missing tag, a dead registry and an unknown platform: a message and nothing left behind', async t => {
  const cli = await openCli(t, 'refused')
  const registry = await startRegistry(t)
  const index = await registry.fixture('index')
  const dead = `127.0.0.1:${await freePort()}/no/body:1`
  const cases: [readonly string[], RegExp][] = [
    [['pull', insecure, `${registry.host}/not/there:1`], /manifest unknown/],
    [['pull', insecure, '--retry', '0', dead], /connection refused/],
    [
      ['pull', insecure, '--platform', 'linux/s390x', index],
      /no image found in (image index|manifest list) for architecture "?s390x"?/,
    ],
    [['pull', insecure, 'UPPER/case'], /must be lowercase/],
  ]
  for (const [args, message] of cases) {
    const { code, stderr } = await cli.run(args)
    t.is(code, 125, args.join(' '))
    t.regex(stderr, message)
  }
  t.is(await cli.ok('images', '--all', '--quiet'), '')
  const layers = (await readdir(join(cli.root, 'overlay')).catch(() => [])).filter(name => /^[0-9a-f]{64}$/.test(name))
  t.deepEqual(layers, [])
})

test('a blob whose bytes are not its digest is refused', async t => {
  const cli = await openCli(t, 'digest')
  const registry = await startRegistry(t)
  const name = await registry.fixture('oci-plain')
  await registry.corruptLargestBlob()
  const { code, stderr } = await cli.run(['pull', insecure, '--retry', '0', name])
  t.is(code, 125)
  t.regex(stderr, /[Dd]igest did not match/)
  t.is(await cli.ok('images', '--all', '--quiet'), '')
})

test('push, and skopeo reads it back with the same image id', async t => {
  const cli = await openCliWithBusybox(t, 'push')
  const registry = await startRegistry(t)
  const target = `${registry.host}/pushed:1`
  await cli.ok('push', '--quiet', insecure, busybox, target)
  const config = await output('skopeo', ['inspect', '--tls-verify=false', '--raw', `docker://${target}`])
  const id = await cli.ok('inspect', '--format', '{{.Id}}', busybox)
  t.is(JSON.parse(config).config.digest, `sha256:${id}`)
})
