import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output, plainEnvironment } from '@libpod/test-kit'
import test from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

/** Buildah on the same store. */
const buildah = async (cli: Cli, ...args: string[]): Promise<string> => {
  const store = ['--root', cli.root, '--runroot', join(cli.directory, 'run'), '--storage-driver', 'overlay']
  return (await output('buildah', [...store, ...args])).trim()
}

test("Buildah's working containers are shown, keep their image, and go when asked", async t => {
  const cli = await openCliWithBusybox(t, 'external')
  const name = await buildah(cli, 'from', '--pull-never', busybox)
  const id = (await buildah(cli, 'containers', '--quiet', '--notruncate')).trim()
  const shown = ['--format', '{{.ID}} {{.Image}} {{.Command}} {{.Status}} {{.Names}}']
  t.is(await cli.ok('ps', '--all', ...shown), '')
  t.is(await cli.ok('ps', '--external', ...shown), `${id.slice(0, 12)} ${busybox} buildah Storage ${name}`)
  t.is(await cli.ok('ps', '--storage', '--quiet'), id.slice(0, 12))
  t.is(await cli.ok('ps', '--external', '--filter', `name=${name}`, '--format', '{{.State}}'), 'storage')
  t.is(await cli.ok('ps', '--external', '--filter', 'name=other', '--quiet'), '')
  const refused = await cli.run(['rmi', busybox])
  t.is(refused.code, 2)
  t.true(refused.stderr.includes(`image used by ${id}: image is in use by a container`), refused.stderr)
  t.is(await cli.ok('rm', name), name)
  t.is(await buildah(cli, 'containers', '--quiet'), '')
  await buildah(cli, 'from', '--pull-never', busybox)
  await cli.ok('rmi', '--force', busybox)
  t.is(await buildah(cli, 'containers', '--quiet'), '')
})

test('prune takes images of external containers with --external, and only working containers with --build', async t => {
  const cli = await openCliWithBusybox(t, 'prune')
  await buildah(cli, 'from', '--pull-never', busybox)
  await cli.ok('untag', busybox)
  t.is(await cli.ok('image', 'prune', '--force'), '')
  t.regex(await cli.ok('system', 'prune', '--force', '--build'), /^Deleted Containers\n[0-9a-f]{64}\nDeleted Images\n/)
  t.is(await buildah(cli, 'containers', '--quiet'), '')
  t.is(await cli.ok('images', '--all', '--quiet'), '')
})

test('prune of images takes external containers along where asked', async t => {
  const cli = await openCliWithBusybox(t, 'along')
  await buildah(cli, 'from', '--pull-never', busybox)
  await cli.ok('untag', busybox)
  t.regex(await cli.ok('image', 'prune', '--force', '--external'), /^[0-9a-f]{64}$/)
  t.is(await buildah(cli, 'containers', '--quiet'), '')
})

test('what steps cached is kept for the next build, until it is pruned', async t => {
  const cli = await openCliWithBusybox(t, 'cache')
  const context = join(cli.directory, 'ctx')
  const temporary = join(cli.directory, 'temporary')
  for (const directory of [context, temporary]) await mkdir(directory)
  const step = 'RUN --mount=type=cache,target=/cache cat /cache/kept; echo once >/cache/kept'
  await writeFile(join(context, 'Containerfile'), `FROM ${busybox}\n${step}\n`)
  const env = { ...plainEnvironment, TMPDIR: temporary }
  const build = async () => (await cli.run(['build', '--no-cache', context], { env })).stdout
  t.notRegex(await build(), /^once$/m)
  t.regex(await build(), /^once$/m)
  t.deepEqual((await readdir(temporary)).sort(), ['buildah-cache', 'buildah-cache-0'])
  t.is((await cli.run(['image', 'prune', '--force', '--build-cache'], { env })).code, 0)
  for (const directory of await readdir(temporary)) t.deepEqual(await readdir(join(temporary, directory)), [])
  t.notRegex(await build(), /^once$/m)
})
