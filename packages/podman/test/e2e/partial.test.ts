import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output, run, startRegistry } from '@libpod/test-kit'
import test from 'ava'
import { type Cli, openCli, peerGlobals } from './cli.ts'

const insecure = '--tls-verify=false'
const byParts = ['--log-level', 'debug', '--pull-option', 'enable_partial_images=true']

/** Bytes that are the same each time and have no pattern. */
function noise(size: number, seed: string): Buffer {
  const pieces: Buffer[] = []
  for (let at = 0; at < size; at += 32) pieces.push(createHash('sha256').update(`${seed}${at}`).digest())
  return Buffer.concat(pieces).subarray(0, size)
}

/** Pushes an image that has files of its own beside those that all have. */
async function pushChunked(cli: Cli, name: string): Promise<void> {
  const files = join(cli.directory, `files-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`)
  await mkdir(files)
  for (let at = 0; at < 20; at++) await writeFile(join(files, `shared-${at}`), noise(30_000, `${at}`))
  await writeFile(join(files, 'own'), noise(20_000, name))
  const tar = `${files}.tar`
  await output('tar', ['--xattrs', '-C', files, '-cf', tar, '.'])
  await cli.ok('import', '--quiet', tar, name)
  await cli.ok('push', insecure, '--compression-format', 'zstd:chunked', '--format', 'oci', name)
  await cli.ok('rmi', name)
}

interface Told {
  readonly reused: number
  readonly fetched: number
}

/** What the log says of layers that came by parts. */
const partsOf = (log: string): readonly Told[] =>
  log
    .split('\n')
    .filter(line => line.includes('Retrieved partial blob'))
    .map(line => JSON.parse(JSON.parse(/msg=(".*")/.exec(line)?.[1] ?? '').replace(/^libpod\.image\.parts: /, '')))

test('a second image is pulled by parts, from a real registry; Podman reads the store, and all is well in it', async t => {
  const registry = await startRegistry(t)
  const cli = await openCli(t, 'partial')
  const [one, two] = ['one', 'two'].map(name => `${registry.host}/${name}:1`) as [string, string]
  for (const name of [one, two]) await pushChunked(cli, name)
  const told = []
  for (const name of [one, two]) {
    const { code, stderr } = await cli.run([...byParts, 'pull', insecure, name])
    t.is(code, 0, stderr)
    told.push(...partsOf(stderr))
  }
  t.is(told.length, 2)
  t.is(told[0]?.reused, 0)
  t.is(told[1]?.reused, 600_000)
  t.true((told[1]?.fetched ?? Number.NaN) < 0.3 * (told[0]?.fetched ?? 0))
  t.is((await cli.run(['system', 'check'])).code, 0)
  const peer = (...args: string[]) => run('podman', [...peerGlobals(cli), ...args])
  const mounted = await peer('image', 'mount', two)
  t.is(mounted.code, 0, mounted.stderr)
  t.true((await readFile(join(mounted.stdout.trim(), 'own'))).equals(noise(20_000, two)))
  t.true((await readFile(join(mounted.stdout.trim(), 'shared-7'))).equals(noise(30_000, '7')))
  t.is((await peer('image', 'unmount', two)).code, 0)
  t.is((await peer('rmi', one)).code, 0)
  t.is((await cli.run(['system', 'check'])).code, 0)
})

test('without the option the layer comes whole', async t => {
  const registry = await startRegistry(t)
  const cli = await openCli(t, 'whole')
  const name = `${registry.host}/one:1`
  await pushChunked(cli, name)
  const { code, stderr } = await cli.run(['--log-level', 'debug', 'pull', insecure, name])
  t.is(code, 0, stderr)
  t.notRegex(stderr, /partial blob/)
  t.is((await cli.run(['--pull-option', 'nonsense', 'images'])).stderr, 'Error: invalid pull option: nonsense\n')
})
