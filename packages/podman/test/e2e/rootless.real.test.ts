import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { busyboxTar, output } from '@libpod/test-kit'
import test from 'ava'
import { busybox, openRootless, openRootlessWithBusybox } from './rootless.ts'

test('a plain user’s container lives its whole life: run, exec, logs, cp, commit, stop, start, rm', async t => {
  const { ok, run, user } = await openRootlessWithBusybox(t)
  const seen = await ok('run', '--rm', '--network', 'none', busybox, 'sh', '-c', 'id -u; cat /proc/self/uid_map')
  t.deepEqual(seen.split(/\s+/).filter(Boolean), ['0', '0', '7001', '1', '1', '2000000000', '65536'])
  t.is((await run('run', '--rm', '--network', 'none', busybox, 'sh', '-c', 'exit 7')).code, 7)
  const serve = 'echo started; echo kept > /data/file; trap exit TERM; while :; do sleep 0.1; done'
  await ok('run', '--detach', '--name', 'one', '--network', 'none', '--volume', 'vol:/data', busybox, 'sh', '-c', serve)
  t.is(await ok('exec', 'one', 'sh', '-c', 'until grep -s kept /data/file; do sleep 0.1; done'), 'kept')
  t.is(await ok('ps', '--format', '{{.Names}} {{.State}}'), 'one running')
  const from = join(user.home, 'copied')
  await ok('cp', 'one:/data/file', from)
  await ok('cp', from, 'one:/tmp/back')
  t.is(await ok('exec', 'one', 'cat', '/tmp/back'), 'kept')
  t.is(await ok('logs', 'one'), 'started')
  await ok('commit', '--quiet', 'one', 'localhost/committed')
  t.is(await ok('stop', 'one'), 'one')
  t.is(await ok('inspect', '--format', '{{.State.ExitCode}} {{.HostConfig.PidsLimit}}', 'one'), '0 0')
  await ok('start', 'one')
  t.is(await ok('rm', '--force', '--time', '0', 'one'), 'one')
  t.is(await ok('run', '--rm', '--network', 'none', 'localhost/committed', 'cat', '/tmp/back'), 'kept')
  t.is(await ok('run', '--rm', '--network', 'none', '--volume', 'vol:/v', busybox, 'cat', '/v/file'), 'kept')
  t.is(await ok('ps', '--all', '--quiet'), '')
})

test('what ends by itself is cleaned up by whoever conmon starts, in the user’s namespace', async t => {
  const { ok, user } = await openRootlessWithBusybox(t)
  await ok('run', '--detach', '--rm', '--name', 'brief', '--network', 'none', busybox, 'true')
  while ((await ok('ps', '--all', '--quiet')) !== '') await ok('ps')
  const mounts = await ok('unshare', 'cat', '/proc/self/mountinfo')
  t.deepEqual(
    mounts.split('\n').filter(line => line.includes(`${user.home}/`) && /overlay-containers/.test(line)),
    [],
  )
})

test('packets: pasta when nobody says, slirp4netns when asked or configured, each with a published port', async t => {
  const { ok, okOf, argv, user } = await openRootlessWithBusybox(t)
  const serve = 'mkdir /srv; echo served > /srv/word; exec httpd -f -p 80 -h /srv'
  const fetch = (port: number) =>
    okOf([
      'curl',
      '--silent',
      '--retry',
      '20',
      '--retry-all-errors',
      '--retry-delay',
      '1',
      `http://127.0.0.1:${port}/word`,
    ])
  const web = ['--detach', '--stop-timeout', '0']
  await ok('run', ...web, '--name', 'usual', '--publish', '18180:80', busybox, 'sh', '-c', serve)
  await ok(
    'run',
    ...web,
    '--name',
    'slirp',
    '--network',
    'slirp4netns',
    '--publish',
    '18181:80',
    busybox,
    'sh',
    '-c',
    serve,
  )
  const mode = ['inspect', '--format', '{{.HostConfig.NetworkMode}}']
  t.deepEqual([await ok(...mode, 'usual'), await ok(...mode, 'slirp')], ['pasta', 'slirp4netns'])
  t.deepEqual([await fetch(18180), await fetch(18181)], ['served', 'served'])
  t.is(await ok('port', 'usual'), '80/tcp -> 0.0.0.0:18180')
  const configured = { CONTAINERS_CONF_OVERRIDE: join(user.home, 'containers.conf') }
  await okOf(
    ['sh', '-c', `printf '[network]\\ndefault_rootless_network_cmd = "slirp4netns"\\n' > $CONTAINERS_CONF_OVERRIDE`],
    configured,
  )
  const told = await okOf([...argv, 'run', '--rm', busybox, 'ip', '-o', 'address', 'show', 'tap0'], configured)
  t.regex(told, / 10\.0\.2\.100\/24 /)
  await ok('rm', '--all', '--force')
  t.is(await okOf(['sh', '-c', 'ps -u tester -o comm= | grep -c slirp4netns || true']), '0')
  t.is(await ok('unshare', 'ls', join(user.runtimeDirectory, 'netns')), '')
})

test('limits are dropped where a plain user can have none, and one is told', async t => {
  const { ok, run } = await openRootlessWithBusybox(t)
  const limited = await run('run', '--rm', '--network', 'none', '--memory', '50m', busybox, 'echo', 'ran')
  t.is(limited.stdout, 'ran\n')
  if ((await ok('info', '--format', '{{.Host.CgroupsVersion}}')) === 'v1')
    t.regex(limited.stderr, /^Resource limits are not supported and ignored on cgroups V1 rootless systems$/m)
})

test('a pod of a plain user: one network, published, without control groups', async t => {
  const { ok } = await openRootlessWithBusybox(t)
  await ok('pod', 'create', '--name', 'pod', '--publish', '18182:80')
  await ok(
    'run',
    '--detach',
    '--pod',
    'pod',
    '--name',
    'a',
    busybox,
    'sh',
    '-c',
    'echo word > /tmp/word; exec httpd -f -p 80 -h /tmp',
  )
  const read = 'until wget -q -O - http://127.0.0.1/word; do sleep 0.1; done'
  t.is(await ok('run', '--rm', '--pod', 'pod', busybox, 'timeout', '30', 'sh', '-c', read), 'word')
  await ok('pod', 'rm', '--force', '--time', '0', 'pod')
  t.is(await ok('ps', '--all', '--quiet'), '')
})

test('images: load, save, build, and a mount in the namespace', async t => {
  const { ok, okOf, argv, user } = await openRootlessWithBusybox(t)
  const archive = join(user.home, 'saved.tar')
  await ok('save', '--quiet', '--output', archive, busybox)
  await ok('rmi', busybox)
  t.is(await ok('load', '--quiet', '--input', archive), `Loaded image: ${busybox}`)
  await okOf(['sh', '-c', `printf 'FROM ${busybox}\\nRUN echo built > /word\\n' > Containerfile`])
  await ok('build', '--quiet', '--tag', 'built', '--file', join(user.home, 'Containerfile'), user.home)
  t.is(await ok('run', '--rm', '--network', 'none', 'built', 'cat', '/word'), 'built')
  const podman = argv.join(' ')
  t.is(
    await ok(
      'unshare',
      'sh',
      '-c',
      `cat $(${podman} image mount built)/word; ${podman} image unmount built >/dev/null`,
    ),
    'built',
  )
})

test('user namespaces of containers: the user kept, left out, or others at every turn', async t => {
  const { ok } = await openRootlessWithBusybox(t)
  const idOf = (...args: readonly string[]) =>
    ok('run', '--rm', '--network', 'none', ...args, busybox, 'sh', '-c', 'id -u; id -g')
  const mapOf = async (...args: readonly string[]) => {
    const map = await ok('run', '--rm', '--network', 'none', ...args, busybox, 'cat', '/proc/self/uid_map')
    return map
      .trim()
      .split('\n')
      .map(line => line.trim().split(/\s+/).join(' '))
  }
  t.is(await idOf('--userns', 'keep-id'), '7001\n7001')
  t.is(await idOf('--userns', 'keep-id:uid=1000,gid=1001'), '1000\n1001')
  t.deepEqual(await mapOf('--userns', 'keep-id'), ['0 1 7001', '7001 0 1', '7002 7002 58535'])
  t.deepEqual(await mapOf('--userns', 'nomap'), ['0 1 65536'])
  t.deepEqual(await mapOf('--userns', 'auto:size=2000'), ['0 1 2000'])
  t.deepEqual(await mapOf('--uidmap', '0:0:1000'), ['0 0 1', '1 1 999'])
  await ok('run', '--detach', '--name', 'top', '--network', 'none', '--userns', 'nomap', busybox, 'sleep', '1000')
  t.is(await ok('top', 'top', 'huser'), 'HUSER\n2000000000')
  await ok('rm', '--force', '--time', '0', 'top')
  await ok('run', '--detach', '--name', 'copied', '--network', 'none', '--userns', 'keep-id', busybox, 'sleep', '1000')
  await ok('cp', '/etc/hostname', 'copied:/tmp/file')
  t.is(await ok('exec', 'copied', 'stat', '-c', '%u %g', '/tmp/file'), '7001 7001')
  await ok('rm', '--force', '--time', '0', 'copied')
  await ok('pod', 'create', '--name', 'kept', '--userns', 'keep-id')
  t.is(await ok('run', '--rm', '--pod', 'kept', busybox, 'id', '-u'), '7001')
  await ok('pod', 'rm', '--force', '--time', '0', 'kept')
  const owner = ['run', '--rm', '--network', 'none', '--userns', 'keep-id', '--volume', 'kept:/data', busybox]
  await ok(...owner, 'touch', '/data/file')
  t.regex(await ok(...owner, 'ls', '-n', '/data/file'), / 7001 +7001 /)
  t.is(
    await ok(
      'run',
      '--rm',
      '--privileged',
      '--network',
      'none',
      busybox,
      'sh',
      '-c',
      'echo word > /dev/null; ls /dev/full',
    ),
    '/dev/full',
  )
})

test('containers that outlived the pause process are gone back to, those of Podman too', async t => {
  const { ok, okOf } = await openRootlessWithBusybox(t)
  const namespace = ['unshare', 'readlink', '/proc/self/ns/user']
  const before = await ok(...namespace)
  await ok('run', '--detach', '--name', 'stays', '--network', 'none', busybox, 'sleep', '1000')
  await okOf(['sh', '-c', 'kill -9 $(cat $XDG_RUNTIME_DIR/libpod/tmp/pause.pid)'])
  const [first, ...others] = await Promise.all([1, 2, 3].map(() => ok(...namespace)))
  t.deepEqual([first, ...others], [before, before, before])
  t.is(await okOf(['podman', ...namespace]), before, 'and kept again')
  t.is(await ok('exec', 'stays', 'echo', 'there'), 'there')
  await ok('rm', '--force', '--time', '0', 'stays')
  t.is(await okOf(['sh', '-c', 'ps -u tester -o comm= | grep -c catatonit']), '1')
})

test('what a plain user cannot have is said in words', async t => {
  const { ok, run } = await openRootlessWithBusybox(t)
  if ((await ok('info', '--format', '{{.Host.CgroupsVersion}}')) === 'v2') return
  await ok('run', '--detach', '--name', 'one', '--network', 'none', '--stop-timeout', '0', busybox, 'sleep', '1000')
  t.regex(
    (await run('stats', '--no-stream')).stderr,
    /^Error: stats is not supported in rootless mode without cgroups v2$/m,
  )
  t.regex((await run('pause', 'one')).stderr, /can not pause containers on rootless containers with cgroup V1/)
})

test('a registry: push, pull and a login that is kept where only the user reads it', async t => {
  const { ok, okOf, user, argv } = await openRootlessWithBusybox(t)
  const [program = '', ...words] = [...user.enter(), 'docker-registry', 'serve', join(user.home, 'registry.yml')]
  const settings = `version: 0.1\nstorage: {filesystem: {rootdirectory: ${user.home}/registry}}\nhttp: {addr: "127.0.0.1:5000"}\n`
  await writeFile(join(user.home, 'registry.yml'), settings, { mode: 0o644 })
  const registry = spawn(program, words, { env: user.env, stdio: 'ignore' })
  t.teardown(() => void registry.kill())
  await okOf([
    'curl',
    '--silent',
    '--retry',
    '30',
    '--retry-connrefused',
    '--retry-delay',
    '1',
    'http://127.0.0.1:5000/v2/',
  ])
  const name = '127.0.0.1:5000/team/image:1'
  await ok('push', '--quiet', '--tls-verify=false', busybox, name)
  await ok('rmi', busybox)
  await ok('pull', '--quiet', '--tls-verify=false', name)
  t.is(await ok('run', '--rm', '--network', 'none', name, 'echo', 'pulled'), 'pulled')
  t.is(
    await ok('login', '--tls-verify=false', '--username', 'me', '--password', 'secret', '127.0.0.1:5000'),
    'Login Succeeded!',
  )
  t.is(await okOf(['stat', '-c', '%a %u', join(user.runtimeDirectory, 'containers/auth.json')]), '600 7001')
  const bare = ['env', '-u', 'XDG_RUNTIME_DIR', ...argv]
  await okOf([...bare, 'login', '--tls-verify=false', '--username', 'me', '--password', 'secret', '127.0.0.1:5000'])
  t.is(await okOf([...bare, 'login', '--get-login', '127.0.0.1:5000']), 'me')
  t.is(
    await okOf([...bare, 'unshare', 'stat', '-c', '%a', `${user.directory}/tmp/storage-run-7001/containers/auth.json`]),
    '600',
  )
})

test('restarts, health checks, a terminal, and one command within another', async t => {
  const { ok, okOf, argv } = await openRootlessWithBusybox(t)
  await ok('run', '--detach', '--name', 'again', '--restart', 'on-failure:2', '--network', 'none', busybox, 'false')
  const count = ['inspect', '--format', '{{.RestartCount}} {{.State.Status}}', 'again']
  while ((await ok(...count)) !== '2 exited') await ok('ps', '--quiet')
  await ok(
    'run',
    '--detach',
    '--name',
    'well',
    '--health-cmd',
    'true',
    '--health-interval',
    '1s',
    '--network',
    'none',
    busybox,
    'sleep',
    '1000',
  )
  while ((await ok('inspect', '--format', '{{.State.Health.Status}}', 'well')) !== 'healthy') await ok('ps', '--quiet')
  await ok('rm', '--all', '--force', '--time', '0')
  const line = [...argv, 'run', '--rm', '-it', '--network', 'none', busybox, 'tty'].join(' ')
  t.regex(await okOf(['script', '--quiet', '--return', '--command', line, '/dev/null']), /\/dev\/pts\/0/)
  t.is(await ok('unshare', ...argv, 'run', '--rm', '--network', 'none', busybox, 'echo', 'inner'), 'inner')
})

for (const [name, options] of [
  ['vfs', ['--storage-driver', 'vfs']],
  ['fuse-overlayfs', ['--storage-driver', 'overlay', '--storage-opt', 'overlay.mount_program=/usr/bin/fuse-overlayfs']],
] as const)
  test(`a plain user’s store with ${name}`, async t => {
    const { ok, okOf, user } = await openRootless(t)
    const tar = await busyboxTar(user.directory)
    await ok(...options, 'import', '--quiet', '--change', 'ENV PATH=/bin', tar, busybox)
    await ok(
      ...options,
      'run',
      '--name',
      'one',
      '--network',
      'none',
      busybox,
      'sh',
      '-c',
      'rm /etc/os-release; echo new > /new',
    )
    await ok(...options, 'commit', '--quiet', 'one', 'localhost/next')
    t.is(
      await ok(
        ...options,
        'run',
        '--rm',
        '--network',
        'none',
        'localhost/next',
        'sh',
        '-c',
        'cat /new; ls /etc/os-release 2>&1 || true',
      ),
      'new\nls: /etc/os-release: No such file or directory',
    )
    await ok(...options, 'system', 'reset', '--force')
    t.is(await okOf(['sh', '-c', 'ps -u tester -o comm= | grep -Ec "fuse-overlayfs|catatonit" || true']), '0')
  })

test('a user without subordinate ids runs images whose files are all root’s', async t => {
  const { ok, run, user } = await openRootless(t, { subordinateIds: 'none' })
  const tar = await busyboxTar(user.directory)
  t.is((await run('import', '--quiet', '--change', 'ENV PATH=/bin', tar, busybox)).code, 0)
  t.is(await ok('run', '--rm', '--network', 'none', busybox, 'id', '-u'), '0')
})

test('files of ids that the user has not are refused in words, or given to the user where that is asked for', async t => {
  const { ok, run, okOf, user } = await openRootless(t, { subordinateIds: 'none' })
  await okOf(['sh', '-c', 'mkdir root && echo text > root/file'])
  const tar = join(user.directory, 'owned.tar')
  await output('tar', ['--owner=500', '--group=600', '-C', join(user.home, 'root'), '-cf', tar, 'file'])
  const refused = await run('import', '--quiet', tar, 'localhost/owned')
  t.is(refused.code, 125)
  t.regex(refused.stderr, /insufficient UIDs or GIDs available in user namespace \(requested 500:600 for .*file.*\)/)
  const lenient = ['--storage-driver', 'overlay', '--storage-opt', 'overlay.ignore_chown_errors=true']
  await ok(...lenient, 'import', '--quiet', tar, 'localhost/owned')
  t.is(await ok('unshare', ...['sh', '-c', 'stat -c %u $(find .local -name file)']), '0')
})
