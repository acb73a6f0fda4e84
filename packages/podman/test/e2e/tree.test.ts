import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output, plainEnvironment } from '@libpod/test-kit'
import test from 'ava'
import { busybox, openCliWithBusybox, peerGlobals } from './cli.ts'

test('image tree draws the layers of an image, and what stands on them, as Podman does', async t => {
  const cli = await openCliWithBusybox(t, 'tree')
  const grow = async (from: string, name: string): Promise<void> => {
    const file = join(cli.directory, name)
    await writeFile(file, name)
    await cli.ok('create', '--name', name, '--network', 'none', from)
    await cli.ok('cp', file, `${name}:/file-of-${name}`)
    await cli.ok('commit', '-q', name, `localhost/${name}`)
  }
  for (const name of ['a', 'b', 'c']) await grow(busybox, name)
  await grow('localhost/a', 'd')
  for (const image of [busybox, 'localhost/a', 'localhost/d']) {
    for (const more of [[], ['--whatrequires']]) {
      const args = ['image', 'tree', ...more, image]
      const theirs = await output('podman', [...peerGlobals(cli), ...args], { env: plainEnvironment })
      t.is((await cli.run(args)).stdout, theirs, args.join(' '))
    }
  }
  t.is(await cli.ok('image', 'diff', 'localhost/d'), 'A /file-of-d')
  t.is(await cli.ok('image', 'diff', 'localhost/d', busybox), 'A /file-of-a\nA /file-of-d')
  await cli.ok('create', '--name', 'alone', '--network', 'none', busybox)
  t.is((await cli.run(['image', 'diff', busybox, 'alone'])).code, 125, 'a container is no image')
})

test('image scp within one user copies under another name', async t => {
  const cli = await openCliWithBusybox(t, 'scp')
  const id = await cli.ok('inspect', '--format', '{{.Id}}', busybox)
  t.regex(await cli.ok('image', 'scp', '-q', busybox, 'root@localhost::localhost/copied:1'), /Loaded image: /)
  t.is(await cli.ok('inspect', '--format', '{{.Id}}', 'localhost/copied:1'), id)
})
