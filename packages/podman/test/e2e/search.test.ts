import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output, plainEnvironment, run, startRegistry } from '@libpod/test-kit'
import test from 'ava'
import { type Cli, openCli } from './cli.ts'

/** The real Podman's answer, with a store of its own. */
const theirs = (cli: Cli, args: readonly string[]) =>
  run(
    'podman',
    [
      '--root',
      join(cli.directory, 'peer'),
      '--runroot',
      join(cli.directory, 'peer-run'),
      '--storage-driver',
      'vfs',
      ...args,
    ],
    {
      env: plainEnvironment,
    },
  )

test('what search finds, and lists of tags, are what Podman says of the same registry', async t => {
  const cli = await openCli(t, 'search')
  const registry = await startRegistry(t)
  const image = await registry.fixture('oci-gzip')
  const name = image.split(':').slice(0, -1).join(':')
  await output('skopeo', [
    'copy',
    '-q',
    '--src-tls-verify=false',
    '--dest-tls-verify=false',
    `docker://${image}`,
    `docker://${name}:again`,
  ])
  for (const args of [
    [registry.host],
    [`${registry.host}/`, '--format', '{{.Index}} {{.Name}} {{.Stars}}'],
    [`${registry.host}/nothing-like-this`],
    ['--list-tags', name],
    ['--list-tags', '--limit', '1', name],
    ['--list-tags', '--format', 'json', name],
  ]) {
    const command = ['search', '--tls-verify=false', ...args]
    const [ours, peer] = [await cli.run(command), await theirs(cli, command)]
    t.is(ours.stdout, peer.stdout, args.join(' '))
    t.is(ours.code, peer.code, args.join(' '))
  }
})

test('a registry that is away ends a search as it ends Podman: with the same words and status', async t => {
  const cli = await openCli(t, 'search-away')
  for (const args of [
    ['127.0.0.1:1/x'],
    ['--list-tags', '127.0.0.1:1/x'],
    ['--list-tags', '--tls-verify=false', '127.0.0.1:1/x'],
  ]) {
    const [ours, peer] = [await cli.run(['search', ...args]), await theirs(cli, ['search', ...args])]
    t.is(ours.code, peer.code)
    t.is(ours.stderr.trimEnd(), peer.stderr.trimEnd(), args.join(' '))
  }
})

test('of several registries, one that answers is enough when it finds something', async t => {
  const cli = await openCli(t, 'search-many')
  const registry = await startRegistry(t)
  await registry.fixture('oci-gzip')
  const conf = join(cli.directory, 'registries.conf')
  await writeFile(conf, `unqualified-search-registries = ["127.0.0.1:1", "${registry.host}"]`)
  const env = { ...plainEnvironment, CONTAINERS_REGISTRIES_CONF: conf }
  const found = await cli.run(['search', '--tls-verify=false', ''], { env })
  t.is(found.code, 0, found.stderr)
  t.true(found.stdout.includes(registry.host))
  const nothing = await cli.run(['search', '--tls-verify=false', 'nothing-like-this'], { env })
  t.is(nothing.code, 125)
  t.regex(nothing.stderr, /^Error: 1 error occurred:\n\t\* couldn't search registry "127\.0\.0\.1:1": pinging/)
})
