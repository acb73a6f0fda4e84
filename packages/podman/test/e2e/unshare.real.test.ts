import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plainEnvironment, run } from '@libpod/test-kit'
import test from 'ava'
import { openCli } from './cli.ts'
import { openRootless, type RootlessCli } from './rootless.ts'

const pauseFile = ({ user }: RootlessCli): string => join(user.runtimeDirectory, 'libpod/tmp/pause.pid')
const namespaceOf = ['unshare', 'readlink', '/proc/self/ns/user']

test('a plain user is root of one namespace, with the subordinate ids, whoever comes first', async t => {
  const cli = await openRootless(t)
  const map = await cli.ok('unshare', 'cat', '/proc/self/uid_map')
  t.deepEqual(map.split(/\s+/).filter(Boolean), ['0', '7001', '1', '1', '2000000000', '65536'])
  const [first, ...others] = await Promise.all([1, 2, 3].map(() => cli.ok(...namespaceOf)))
  t.deepEqual(others, [first, first])
  t.is(await cli.okOf(['podman', ...namespaceOf]), first ?? '', 'Podman joins it')
  const processes = await cli.okOf(['ps', '-u', 'tester', '-o', 'args'])
  t.is(processes.match(/catatonit -P/g)?.length, 1, processes)
})

test('the namespace that Podman made is joined', async t => {
  const cli = await openRootless(t)
  const theirs = await cli.okOf(['podman', ...namespaceOf])
  t.is(await cli.ok(...namespaceOf), theirs)
})

test('many at once make one namespace and leave one process', async t => {
  const cli = await openRootless(t)
  const seen = await Promise.all(Array.from({ length: 6 }, () => cli.ok(...namespaceOf)))
  t.is(new Set(seen).size, 1)
  t.is((await cli.okOf(['ps', '-u', 'tester', '-o', 'args'])).match(/catatonit -P/g)?.length, 1)
})

test('unshare: the directory, the environment, the exit status, and what cannot be run', async t => {
  const cli = await openRootless(t)
  t.is(
    await cli.ok('unshare', 'sh', '-c', 'id -u; pwd; echo $CONTAINERS_GRAPHROOT'),
    `0\n${cli.user.home}\n${cli.user.home}/.local/share/containers/storage`,
  )
  const ends = async (...args: readonly string[]) => (await cli.run('unshare', ...args)).code
  t.deepEqual(
    [await ends('sh', '-c', 'exit 7'), await ends('no-such-program'), await ends('/etc/passwd')],
    [7, 127, 126],
  )
  t.like(await cli.run('unshare'), { code: 125, stderr: 'Error: no command specified and no $SHELL specified\n' })
  const mount = await cli.run('mount')
  t.is(mount.code, 125)
  t.regex(mount.stderr, /cannot run command "podman mount" in rootless mode, must execute `podman unshare` first/)
  t.is(await cli.ok('unshare', ...cli.argv, 'mount'), '')
  const asRoot = await (await openCli(t, 'unshare')).run(['unshare', 'true'])
  t.like(asRoot, { code: 125, stderr: 'Error: please use unshare with rootless\n' })
})

test('what needs no namespace makes none', async t => {
  const cli = await openRootless(t)
  for (const args of [['--version'], ['--help'], ['run', '--help'], ['version'], ['__complete', 'ru']])
    t.is((await cli.run(...args)).code, 0, args.join(' '))
  t.is((await cli.okOf(['ps', '-u', 'tester', '-o', 'args'])).match(/catatonit/g), null)
})

test('without subordinate ids the user is alone, and is told so', async t => {
  const cli = await openRootless(t, { subordinateIds: 'none' })
  const { code, stdout, stderr } = await cli.run('unshare', 'cat', '/proc/self/uid_map', '/proc/self/setgroups')
  t.is(code, 0, stderr)
  t.deepEqual(stdout.split(/\s+/).filter(Boolean), ['0', '7001', '1', 'deny'])
  t.regex(stderr, /no subuid ranges found for user \\"tester\\" in \/etc\/subuid/)
  t.regex(stderr, /level=warning msg="Using rootless single mapping into the namespace/)
})

test('a pid of anybody else is not joined, nor trusted for long', async t => {
  const cli = await openRootless(t)
  const good = await cli.ok(...namespaceOf)
  const [kept, ...strangers] = [await readFile(pauseFile(cli), 'latin1'), '1', '99999', 'x', '']
  for (const stranger of strangers) {
    await writeFile(pauseFile(cli), stranger)
    const found = await cli.ok(...namespaceOf)
    t.not(found, good, `${stranger} led to another namespace`)
    t.not(await readFile(pauseFile(cli), 'latin1'), stranger)
  }
  t.not(kept, '')
})

test('a namespace within the user’s namespace is not the user’s', async t => {
  const cli = await openRootless(t)
  const inner = await cli.ok(
    'unshare',
    'sh',
    '-c',
    'unshare --user --mount sleep 60 >/dev/null 2>&1 & sleep 0.3; readlink /proc/$!/ns/user; echo $!',
  )
  const [namespace, pid = ''] = inner.split('\n')
  await writeFile(pauseFile(cli), pid)
  t.not(await cli.ok(...namespaceOf), namespace)
})

test('a runtime directory that others can write to, or a file that leads elsewhere, is refused', async t => {
  const cli = await openRootless(t)
  await chmod(cli.user.runtimeDirectory, 0o777)
  const open = await cli.run(...namespaceOf)
  t.is(open.code, 125)
  t.regex(open.stderr, /XDG_RUNTIME_DIR .* is not a directory that only the current user can write to/)
  await chmod(cli.user.runtimeDirectory, 0o700)
  await cli.ok('unshare', 'true')
  const elsewhere = join(cli.user.directory, 'elsewhere')
  await writeFile(elsewhere, await readFile(pauseFile(cli)))
  await rm(pauseFile(cli))
  await symlink(elsewhere, pauseFile(cli))
  t.not((await cli.run('unshare', 'true')).code, 0)
})

test('without XDG_RUNTIME_DIR the user has a directory of their own', async t => {
  const cli = await openRootless(t)
  const line = [...cli.argv, 'unshare', 'sh', '-c', 'echo $XDG_RUNTIME_DIR']
  t.is(await cli.okOf(['env', '-u', 'XDG_RUNTIME_DIR', ...line]), join(cli.user.directory, 'tmp/storage-run-7001'))
})

test('a directory that somebody else put where the user’s would be is not used', async t => {
  const cli = await openRootless(t)
  const temporary = join(cli.user.directory, 'everybodys')
  await mkdir(temporary)
  await chmod(temporary, 0o1777)
  const line = ['env', '-u', 'XDG_RUNTIME_DIR', `TMPDIR=${temporary}`, ...cli.argv, ...namespaceOf]
  await mkdir(join(temporary, 'storage-run-7001'), { mode: 0o777 })
  const planted = await cli.user.run(line)
  t.is(planted.code, 125)
  t.regex(planted.stderr, /storage-run-7001" exists and it is not writeable only by the current user/)
  await rm(join(temporary, 'storage-run-7001'), { recursive: true })
  await symlink(cli.user.home, join(temporary, 'storage-run-7001'))
  t.is((await cli.user.run(line)).code, 125, 'a link, though to a directory of the user’s')
})

test('system migrate ends the pause process', async t => {
  const cli = await openRootless(t)
  const keeper = async () => {
    await cli.ok(...namespaceOf)
    return readFile(pauseFile(cli), 'utf8')
  }
  const before = await keeper()
  await cli.ok('system', 'migrate')
  t.is((await cli.okOf(['ps', '-u', 'tester', '-o', 'args'])).match(/catatonit/g), null)
  // A new namespace may have the number of the old one, which is gone.
  t.not(await keeper(), before)
})

test('root stays root, whatever the environment says', async t => {
  const cli = await openCli(t, 'markers')
  const env = {
    ...plainEnvironment,
    _CONTAINERS_USERNS_CONFIGURED: 'done',
    _CONTAINERS_ROOTLESS_UID: '7001',
    _CONTAINERS_ROOTLESS_GID: '7001',
    _LIBPOD_NAMESPACES: '1:2',
  }
  const told = await cli.run(['info', '--format', '{{.Host.Security.Rootless}}'], { env })
  t.like(told, { code: 0, stdout: 'false\n' }, told.stderr)
  const alone = [
    'unshare',
    '--user',
    '--map-root-user',
    '--',
    ...cli.argv,
    'info',
    '--format',
    '{{.Host.Security.Rootless}}',
  ]
  t.like(await run('unshare', alone.slice(1), { env }), { stdout: 'false\n' }, 'the kernel names another user')
})
