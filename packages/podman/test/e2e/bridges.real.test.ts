import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { busybox, fetchWord, openRootlessWithBusybox, type RootlessCli, serving } from './rootless.ts'

const background = ['run', '--detach', '--stop-timeout', '0']

/** Processes, namespaces and files of the user's, without those that every plain user's command leaves. */
async function traces({ user }: RootlessCli): Promise<readonly string[]> {
  const { stdout: processes } = await user.run(['ps', '-u', 'tester', '-o', 'comm='])
  const places = ['containers/networks', 'netns'].map(name => join(user.runtimeDirectory, name))
  const { stdout: files } = await user.run(['find', ...places, '-mindepth', '1', '!', '-name', '*.lock'])
  return [...processes.split('\n'), ...files.split('\n')].filter(line => !['ps', ''].includes(line))
}

/** As soon as there is no more than the keeper of the user's namespace. */
async function nothingLeft(t: ExecutionContext, cli: RootlessCli): Promise<void> {
  let seen = await traces(cli)
  for (let looks = 0; seen.length > 1 && looks < 100; looks++) {
    await delay(100)
    seen = await traces(cli)
  }
  t.deepEqual(seen, ['catatonit'])
}

test('a plain user’s bridge: names, addresses, published ports, and nothing left of it', async t => {
  const cli = await openRootlessWithBusybox(t)
  const { ok, run, okOf, user } = cli
  await ok('network', 'create', 'net')
  await okOf(['test', '-f', join(user.home, '.config/cni/net.d/net.conflist')])
  await ok(...background, '--name', 'web', '--network', 'net', '--publish', '18180:80', ...serving('served'))
  t.is(await fetchWord(cli, '127.0.0.1:18180'), 'served')
  t.is(await fetchWord(cli, '10.255.9.2:18180'), 'served', 'by any address of the host')
  const address = await ok('inspect', '--format', '{{.NetworkSettings.Networks.net.IPAddress}}', 'web')
  const other = ['run', '--rm', '--network', 'net', busybox]
  t.is(await ok(...other, 'wget', '-qO-', `http://${address}/word`), 'served')
  t.is(await ok(...other, 'wget', '-qO-', 'http://web/word'), 'served')
  t.is(await ok(...other, 'cat', '/etc/resolv.conf'), `search dns.podman\nnameserver ${address.replace(/\d+$/, '1')}`)
  t.regex(await ok(...other, 'cat', '/etc/hosts'), /^10\.255\.9\.2\thost\.containers\.internal /m)
  const usual = await ok('run', '--rm', '--network', 'bridge', busybox, 'cat', '/etc/resolv.conf')
  t.regex(usual, /^nameserver 10\.0\.2\.3$/m)
  t.is(await ok('port', 'web'), '80/tcp -> 0.0.0.0:18180')
  t.is(await ok('ps', '--format', '{{.Names}} {{.Ports}} {{.Networks}}'), 'web 0.0.0.0:18180->80/tcp net')
  t.true((await ok('network', 'inspect', 'net')).includes(`"ipnet": "${address}/24"`))
  const taken = await run('run', '--rm', '--network', 'net', '--publish', '18180:80', busybox, 'true')
  t.is(taken.code, 126)
  t.regex(taken.stderr, /listen tcp4 :18180: bind: address already in use/)
  t.is(await ok('port', 'web'), '80/tcp -> 0.0.0.0:18180')
  t.is(await fetchWord(cli, '127.0.0.1:18180'), 'served', 'others came and went')
  await ok('restart', 'web')
  t.is(await fetchWord(cli, '127.0.0.1:18180'), 'served')
  t.is((await run('network', 'rm', 'net')).code, 2)
  await ok('rm', '--force', '--time', '0', 'web')
  await ok('network', 'rm', 'net')
  t.not((await user.run(['curl', '--silent', 'http://127.0.0.1:18180/word'])).code, 0)
  await nothingLeft(t, cli)
})

test('a plain user’s networks: several to a container, internal ones, connected and disconnected while it runs', async t => {
  const cli = await openRootlessWithBusybox(t)
  const { ok, run } = cli
  for (const name of ['one', 'two']) await ok('network', 'create', name)
  await ok('network', 'create', '--internal', 'inner')
  const web = [...background, '--name', 'web', '--publish', '127.0.0.1:18190:80']
  await ok(...web, '--network', 'one', '--network', 'inner', ...serving('first'))
  await ok(
    ...background,
    '--name',
    'other',
    '--network',
    'two',
    '--publish',
    '127.0.0.2:18190:80',
    ...serving('second'),
  )
  t.is(await fetchWord(cli, '127.0.0.1:18190'), 'first')
  t.is(await fetchWord(cli, '127.0.0.2:18190'), 'second', 'one port, two addresses of the host')
  const inner = await ok('inspect', '--format', '{{.NetworkSettings.Networks.inner.IPAddress}}', 'web')
  const enclosed = ['run', '--rm', '--network', 'inner', busybox]
  t.is(await ok(...enclosed, 'wget', '-qO-', `http://${inner}/word`), 'first')
  t.notRegex(await ok(...enclosed, 'ip', 'route'), /default/)
  await ok('network', 'connect', 'two', 'web')
  t.is(await ok('exec', 'other', 'wget', '-qO-', 'http://web/word'), 'first')
  t.is(await ok('exec', 'web', 'wget', '-qO-', 'http://other/word'), 'second', 'it asks the network’s name server')
  const names = async () => (await ok('exec', 'web', 'sh', '-c', 'cd /sys/class/net; ls')).split('\n')
  t.deepEqual(await names(), ['eth0', 'eth1', 'eth2', 'lo'])
  await ok('network', 'disconnect', 'one', 'web')
  t.deepEqual(await names(), ['eth1', 'eth2', 'lo'])
  await ok('network', 'connect', 'one', 'web')
  t.deepEqual(await names(), ['eth0', 'eth1', 'eth2', 'lo'])
  await ok('network', 'disconnect', 'two', 'web')
  t.regex(await ok('exec', 'web', 'cat', '/etc/resolv.conf'), /^search dns\.podman\nnameserver 10\.89\.\d+\.1\n?$/)
  t.not((await run('exec', 'other', 'wget', '-qO-', 'http://web/word')).code, 0)
  await ok('network', 'reload', 'other')
  t.is(await fetchWord(cli, '127.0.0.2:18190'), 'second')
  await ok('rm', '--all', '--force', '--time', '0')
  t.is((await ok('network', 'prune', '--force')).split('\n').sort().join(), 'inner,one,two')
  await nothingLeft(t, cli)
})

test('pods on a plain user’s bridge, and those of kube play', async t => {
  const cli = await openRootlessWithBusybox(t)
  const { ok, user } = cli
  await ok('network', 'create', 'net')
  await ok('pod', 'create', '--name', 'pod', '--network', 'net', '--publish', '18200:80')
  await ok(...background, '--pod', 'pod', ...serving('podded'))
  t.is(await fetchWord(cli, '127.0.0.1:18200'), 'podded')
  t.is(await ok('run', '--rm', '--network', 'net', busybox, 'wget', '-qO-', 'http://pod/word'), 'podded')
  const file = join(user.home, 'pod.yaml')
  const container = {
    name: 'web',
    image: busybox,
    command: serving('played').slice(1),
    ports: [{ containerPort: 80, hostPort: 18201 }],
  }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'played' }, spec: { containers: [container] } }
  await writeFile(file, JSON.stringify(pod), { mode: 0o644 })
  await ok('kube', 'play', file)
  t.is(await fetchWord(cli, '127.0.0.1:18201'), 'played')
  await ok('kube', 'down', file)
  await ok('pod', 'rm', '--force', '--time', '0', 'pod')
  await nothingLeft(t, cli)
})

test('the namespace of the bridges: entered, and mended when its carrier has ended', async t => {
  const cli = await openRootlessWithBusybox(t)
  const { ok, run, okOf } = cli
  const links = ['unshare', '--rootless-netns', 'sh', '-c', 'cut -d: -f1 /proc/net/dev; pwd; id -u']
  t.regex(await ok(...links), /tap0/)
  t.is((await run('unshare', '--rootless-netns', 'sh', '-c', 'exit 7')).code, 7)
  await nothingLeft(t, cli)
  await ok('network', 'create', '--interface-name', 'mine0', 'net')
  const web = ['--name', 'web', '--network', 'net', '--publish', '18210:80']
  await ok(...background, ...web, ...serving('served'))
  t.is(await fetchWord(cli, '127.0.0.1:18210'), 'served')
  t.regex(await ok(...links), /mine0/)
  t.is(await ok('unshare', '--rootless-netns', 'sed', '-n', '1p', '/etc/resolv.conf'), 'nameserver 10.0.2.3')
  await okOf(['pkill', '-KILL', '-u', 'tester', 'slirp4netns'])
  await ok('run', '--rm', '--network', 'net', busybox, 'true')
  t.is(await fetchWord(cli, '127.0.0.1:18210'), 'served', 'whoever comes next starts another')
  await ok('rm', '--force', '--time', '0', 'web')
  await nothingLeft(t, cli)
})

test('many containers on a plain user’s bridge at once', async t => {
  const cli = await openRootlessWithBusybox(t)
  const { ok } = cli
  await ok('network', 'create', 'net')
  const numbers = [0, 1, 2, 3, 4]
  await Promise.all(
    numbers.map(n => ok(...background, '--network', 'net', '--publish', `${18220 + n}:80`, ...serving(`${n}`))),
  )
  for (const n of numbers) t.is(await fetchWord(cli, `127.0.0.1:${18220 + n}`), `${n}`)
  const ids = (await ok('ps', '--quiet')).split('\n')
  const brief = numbers.map(() => ok('run', '--rm', '--network', 'net', busybox, 'true'))
  await Promise.all([...brief, ...ids.map(id => ok('rm', '--force', '--time', '0', id))])
  await nothingLeft(t, cli)
})

/** Runs a command until a file is there, and no longer. */
const killWhen = (path: string) =>
  `"$@" & until ls ${path} >/dev/null 2>&1 || ! kill -0 $! 2>/dev/null; do :; done; kill -KILL $! 2>/dev/null; wait`

test('an engine that is killed while it plugs a container in leaves nothing that the next one does not clear away', async t => {
  const cli = await openRootlessWithBusybox(t)
  const { ok, argv, user } = cli
  await ok('network', 'create', 'net')
  const run = user.runtimeDirectory
  const directory = `${run}/containers/networks/rootless-cni`
  const steps = [
    '',
    '/keeper',
    '/slirp',
    '/ports/*',
    '/var/lib/cni/networks/net/*',
    '/var/lib/cni/results/*',
    '/run/containers/cni/dnsname/net/pidfile',
  ]
  for (const path of [`${run}/netns/netns-*`, `${run}/netns/rootless-cni-*`, ...steps.map(step => directory + step)]) {
    const words = [...argv, ...background, '--network', 'net', '--publish', '18230:80', ...serving('never')]
    await user.run(['sh', '-c', killWhen(path), 'sh', ...words])
    await ok('rm', '--all', '--force', '--time', '0')
    t.is(await ok('ps', '--all', '--quiet'), '', path)
  }
  await nothingLeft(t, cli)
  await ok(...background, '--network', 'net', '--publish', '18230:80', ...serving('whole'))
  t.is(await fetchWord(cli, '127.0.0.1:18230'), 'whole')
  await ok('rm', '--all', '--force', '--time', '0')
  await nothingLeft(t, cli)
})
