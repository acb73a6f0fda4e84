import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output, startRegistry } from '@libpod/test-kit'
import test from 'ava'
import { type Cli, openCli } from './cli.ts'

const insecure = '--tls-verify=false'

async function file(cli: Cli, name: string, content: string): Promise<string> {
  const path = join(cli.directory, name)
  await writeFile(path, content)
  return path
}

const layersOf = async (cli: Cli, name: string) =>
  JSON.parse(await cli.ok('artifact', 'inspect', name)).Manifest.layers as {
    mediaType: string
    annotations: Record<string, string>
  }[]

test('artifacts are added, extended, listed and removed', async t => {
  const cli = await openCli(t, 'artifacts')
  const text = await file(cli, 'a.txt', 'hello\n')
  const zeroes = await file(cli, 'zeroes', '\0'.repeat(1000))
  const digest = await cli.ok('artifact', 'add', 'localhost/test/one', text)
  t.regex(digest, /^[0-9a-f]{64}$/)
  const before = JSON.parse(await cli.ok('artifact', 'inspect', 'localhost/test/one'))
  t.is(before.Digest, `sha256:${digest}`)
  const appended = await cli.ok(
    'artifact',
    'add',
    '--append',
    '--annotation',
    'color=blue',
    'localhost/test/one',
    zeroes,
  )
  t.deepEqual(
    (await layersOf(cli, 'localhost/test/one')).map(({ mediaType, annotations }) => [mediaType, annotations]),
    [
      ['text/plain; charset=utf-8', { 'org.opencontainers.image.title': 'a.txt' }],
      ['application/octet-stream', { color: 'blue', 'org.opencontainers.image.title': 'zeroes' }],
    ],
  )
  const created = 'org.opencontainers.image.created'
  const after = JSON.parse(await cli.ok('artifact', 'inspect', appended.slice(0, 12)))
  t.is(after.Manifest.annotations[created], before.Manifest.annotations[created])
  await cli.ok('artifact', 'add', '--type', 'a/b', '--file-type', 'text/yaml', 'localhost/test/two:tag', text)
  const rows = await cli.ok('artifact', 'ls', '--format', '{{.Repository}} {{.Tag}} {{.VirtualSize}} {{.Size}}')
  t.deepEqual(rows.split('\n').sort(), ['localhost/test/one  1006 1.006kB', 'localhost/test/two tag 6 6B'])
  t.is((await cli.ok('artifact', 'ls', '--noheading')).split('\n').length, 2)
  t.regex(await cli.ok('artifact', 'ls'), /^REPOSITORY +TAG +DIGEST +CREATED +SIZE\n/)
  for (const inspect of [['artifact', 'inspect'], ['inspect'], ['inspect', '--type', 'artifact']])
    t.is(await cli.ok(...inspect, '--format', '{{.Name}}', 'localhost/test/two:tag'), 'localhost/test/two:tag')
  const template = '{{index .Manifest.Annotations "org.opencontainers.image.created"}} {{len .Manifest.Layers}}'
  t.regex(await cli.ok('artifact', 'inspect', '--format', template, 'localhost/test/two:tag'), /^\d{4}-.*Z \d$/)
  const replaced = await cli.ok('artifact', 'add', '--replace', 'localhost/test/two:tag', zeroes)
  t.is((await layersOf(cli, 'localhost/test/two:tag')).length, 1)
  t.is(await cli.ok('artifact', 'rm', 'localhost/test/two:tag'), replaced)
  t.is(await cli.ok('artifact', 'rm', '--all'), appended)
  t.deepEqual(await readdir(join(cli.root, 'artifacts/blobs/sha256')), [])
})

test("what cannot be done with an artifact is told in Podman's words", async t => {
  const cli = await openCli(t, 'words')
  const text = await file(cli, 'a.txt', 'hello\n')
  const other = await file(cli, 'b.txt', 'other\n')
  const title = 'org.opencontainers.image.title=t'
  await cli.ok('artifact', 'add', 'localhost/one', text, other)
  for (const [args, message] of [
    [['add', 'localhost/one', text], /^Error: localhost\/one: artifact already exists/],
    [['add', '--append', 'localhost/one', text], /^Error: a.txt: file already exists in artifact/],
    [['add', 'localhost/two', text, text], /^Error: a.txt: file already exists in artifact/],
    [['add', '--append', 'localhost/two', text], /^Error: localhost\/two: artifact does not exist/],
    [['add', '--append', '--type', 'x', 'localhost/one', text], /append option is not compatible with type option/],
    [['add', '--append', '--replace', 'localhost/one', text], /--append and --replace options cannot be used together/],
    [
      ['add', '--annotation', title, 'localhost/two', text, other],
      /duplicate layers org.opencontainers.image.title labels within an artifact not allowed/,
    ],
    [['add', 'localhost/two', '/nowhere'], /open \/nowhere: no such file or directory/],
    [['inspect', 'nope'], /^Error: nope: artifact does not exist/],
    [['rm', 'nope'], /^Error: nope: artifact does not exist/],
    [['rm'], /at least one artifact name or digest must be specified/],
    [['rm', '--all', 'x'], /when using the --all switch, you may not pass any artifact names or digests/],
    [
      ['extract', 'localhost/one', join(cli.directory, 'x')],
      /the artifact consists of several blobs and the target .* is not a directory/,
    ],
    [['extract', '--digest', 'blah', 'localhost/one', cli.directory], /no blob with the digest "blah"/],
    [['extract', '--title', 'blah', 'localhost/one', cli.directory], /no blob with the title "blah"/],
    [
      ['extract', '--title', 'a', '--digest', 'b', 'localhost/one', cli.directory],
      /cannot specify both digest and title/,
    ],
  ] as const) {
    const { code, stderr } = await cli.run(['artifact', ...args])
    t.is(code, 125, args.join(' '))
    t.regex(stderr, message)
  }
  t.is(await cli.ok('artifact', 'rm', '--ignore', 'nope'), '')
  t.is((await cli.ok('artifact', 'ls', '-n')).split('\n').length, 1)
})

test('an artifact goes to a registry and back, and skopeo sees the same', async t => {
  const cli = await openCli(t, 'registry')
  const registry = await startRegistry(t)
  const name = `${registry.host}/team/files:1`
  const text = await file(cli, 'a.txt', 'hello\n')
  const zeroes = await file(cli, 'zeroes', '\0'.repeat(100_000))
  const digest = await cli.ok('artifact', 'add', name, text, zeroes)
  const digestFile = join(cli.directory, 'digest')
  await cli.ok('artifact', 'push', '-q', insecure, '--digestfile', digestFile, name)
  t.is(await readFile(digestFile, 'utf8'), `sha256:${digest}`)
  const layout = join(cli.directory, 'layout')
  const copy = ['--insecure-policy', 'copy', '-q', '--src-tls-verify=false']
  await output('skopeo', [...copy, `docker://${name}`, `oci:${layout}:x`])
  t.true((await readdir(join(layout, 'blobs/sha256'))).includes(digest))
  await cli.ok('artifact', 'rm', name)
  await cli.ok('artifact', 'pull', '-q', insecure, name)
  const target = join(cli.directory, 'target')
  await mkdir(target)
  await cli.ok('artifact', 'extract', name, target)
  t.is(await readFile(join(target, 'a.txt'), 'utf8'), 'hello\n')
  t.deepEqual(await readFile(join(target, 'zeroes')), await readFile(zeroes))
  await cli.ok('artifact', 'extract', '--title', 'a.txt', name, join(cli.directory, 'single'))
  t.is(await readFile(join(cli.directory, 'single'), 'utf8'), 'hello\n')
  const missing = await cli.run(['artifact', 'pull', '-q', insecure, `${registry.host}/nope:1`])
  t.is(missing.code, 125)
})

test('a title is a name, never a path, and content is what its digest says', async t => {
  const cli = await openCli(t, 'hostile')
  const text = await file(cli, 'a.txt', 'hello\n')
  const target = join(cli.directory, 'target')
  await mkdir(target)
  for (const title of ['../evil', '/etc/evil', 'a/b', '..']) {
    await cli.ok(
      'artifact',
      'add',
      '--replace',
      '--annotation',
      `org.opencontainers.image.title=${title}`,
      'evil',
      text,
    )
    const { code, stderr } = await cli.run(['artifact', 'extract', 'evil', target])
    t.is(code, 125, title)
    t.regex(stderr, /invalid name: .*artifact blob title invalid/)
  }
  t.deepEqual(await readdir(target), [])
  await cli.ok('artifact', 'add', 'damaged', text)
  const hex = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03'
  await writeFile(join(cli.root, 'artifacts/blobs/sha256', hex), 'jello\n')
  const { code, stderr } = await cli.run(['artifact', 'extract', 'damaged', join(target, 'x')])
  t.is(code, 125)
  t.regex(stderr, /is not what its digest says/)
  t.deepEqual(await readdir(target), [])
})

test('eight artifacts added at the same time are all in the store', async t => {
  const cli = await openCli(t, 'crowd')
  const text = await file(cli, 'a.txt', 'hello\n')
  await Promise.all(Array.from({ length: 8 }, (_, at) => cli.ok('artifact', 'add', `localhost/crowd:${at}`, text)))
  t.is((await cli.ok('artifact', 'ls', '-n')).split('\n').length, 8)
})
