import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output } from '@libpod/test-kit'
import test from 'ava'
import { busybox, openCliWithBusybox } from './cli.ts'

test('a directory on standard output comes with its name, or without it when the path ends in a dot', async t => {
  const cli = await openCliWithBusybox(t, 'cp')
  const [from, tar] = [join(cli.directory, 'from'), join(cli.directory, 'out.tar')]
  await mkdir(join(from, 'sub'), { recursive: true })
  await writeFile(join(from, 'sub/file'), 'x')
  await cli.ok('create', '--name', 'one', '--network', 'none', busybox)
  await cli.ok('cp', from, 'one:/tmp/there')
  const names = async (path: string) => {
    const [node = '', ...words] = cli.argv
    await output('sh', ['-c', 'exec "$@" >"$0"', tar, node, ...words, 'cp', `one:${path}`, '-'])
    return (await output('tar', ['tf', tar])).trim().replaceAll('/\n', '\n').split('\n').sort()
  }
  t.deepEqual(await names('/tmp/there'), ['there', 'there/sub', 'there/sub/file'])
  t.deepEqual(await names('/tmp/there/.'), ['sub', 'sub/file'])
  for (const target of ['-', cli.directory])
    t.is(
      (await cli.run(['cp', 'one:/nothing', target])).stderr,
      'Error: "/nothing" could not be found on container one: no such file or directory\n',
    )
  t.is((await cli.run(['cp', 'a', 'one:'])).stderr, 'Error: invalid arguments "a", "one:": you must specify paths\n')
})
