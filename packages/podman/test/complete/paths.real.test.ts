import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output } from '@libpod/test-kit'
import test from 'ava'
import { busybox, type Cli, openCli, openCliWithBusybox } from '../e2e/cli.ts'

/** Asked about a line that names the store of the test. */
async function complete(cli: Cli, ...line: string[]): Promise<string> {
  const [first = '', ...program] = cli.argv.slice(0, -cli.globals.length)
  return output(first, [...program, '__completeNoDesc', ...cli.globals, ...line])
}

test('words behind an image and paths of cp are paths inside, and never of the host', async t => {
  const cli = await openCli(t, 'paths')
  const tree = join(cli.directory, 'tree')
  await mkdir(join(tree, 'etc/empty'), { recursive: true })
  await mkdir(join(tree, 'opt'))
  await writeFile(join(tree, 'etc/one'), '')
  await writeFile(join(tree, 'etc/other'), '')
  await output('ln', ['-s', '/', join(tree, 'out')])
  const tar = join(cli.directory, 'tree.tar')
  await output('tar', ['-cf', tar, '-C', tree, '.'])
  await cli.ok('import', '-q', tar, 'localhost/tree')
  const volume = await cli.ok('volume', 'create', 'kept')
  await writeFile(join(await cli.ok('volume', 'inspect', '--format', '{{.Mountpoint}}', volume), 'inside'), '')
  await cli.ok('create', '--name', 'box', '--volume', 'kept:/opt', 'localhost/tree', 'true')
  const ask = async (...line: string[]) => {
    const lines = (await complete(cli, ...line)).split('\n')
    return lines.slice(0, lines.findIndex(word => word.startsWith(':')) + 1).join(' ')
  }
  const behind = (typed: string) => ask('run', '--rm', 'localhost/tree', typed)
  t.is(await behind(''), '/etc/ /opt/ /out :2')
  t.is(await behind('/etc'), '/etc/empty/ /etc/one /etc/other :2')
  t.is(await behind('/etc/on'), '/etc/one :0')
  t.is(await behind('e'), 'etc/ :2')
  t.is(await behind('../../o'), '../../opt/ ../../out :2')
  t.is(await behind('/etc/empty'), '/etc/empty/ :2')
  t.is(await behind('/out/o'), '/out/opt/ /out/out :2')
  t.is(await behind('/nowhere/x'), ':0')
  t.is(await ask('create', 'nope', '/e'), ':0')
  t.is(await ask('cp', ''), 'box: :2')
  t.is(await ask('cp', 'box:/etc/o'), 'box:/etc/one box:/etc/other :2')
  t.is(await ask('cp', 'box:/opt/'), 'box:/opt/inside :0')
  t.is(await ask('cp', 'nobody:/etc'), ':0')
  t.is(await cli.ok('image', 'mount'), '')
})

test('templates of inspect are about what the name begins', async t => {
  const cli = await openCliWithBusybox(t, 'kinds')
  await cli.ok('create', '--name', 'box', busybox)
  const ask = (...names: string[]) => complete(cli, 'inspect', ...names, '--format', '{{.')
  t.regex(await ask(), /^\{\{\.OCIRuntime\}\}$/m)
  t.regex(await ask('bo'), /^\{\{\.OCIRuntime\}\}$/m)
  t.regex(await ask('busy'), /^\{\{\.Digest\}\}$/m)
  t.notRegex(await ask('busy'), /OCIRuntime/)
})
