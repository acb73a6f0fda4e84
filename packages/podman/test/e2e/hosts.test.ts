import { join } from 'node:path'
import test from 'ava'
import { busybox, openCliWithBusybox } from './cli.ts'

test('without a network a container still knows its own names', async t => {
  const cli = await openCliWithBusybox(t, 'hosts-none')
  const names = ['--hostname', 'own', '--name', 'called']
  const hosts = await cli.ok('run', '--rm', '--network', 'none', ...names, busybox, 'cat', '/etc/hosts')
  t.regex(hosts, /^127\.0\.0\.1\town called$/m)
  const alike = ['--hostname', 'both', '--name', 'both']
  t.regex(await cli.ok('run', '--rm', ...alike, busybox, 'cat', '/etc/hosts'), /^[\d.]+\tboth both$/m)
})

test('a network namespace without a network is found by the process in it, for as long as it runs', async t => {
  const cli = await openCliWithBusybox(t, 'sandbox')
  const key = () => cli.ok('inspect', '--format', '{{.NetworkSettings.SandboxKey}}', 'box')
  await cli.ok('create', '--name', 'box', '--network', 'none', busybox, 'sleep', '1000')
  t.is(await key(), '')
  await cli.ok('start', 'box')
  t.is(await key(), `/proc/${await cli.ok('inspect', '--format', '{{.State.Pid}}', 'box')}/ns/net`)
  await cli.ok('stop', '--time', '0', 'box')
  t.is(await key(), '')
})

test('events of networks tell the network, and the container that comes and goes', async t => {
  const cli = await openCliWithBusybox(t, 'network-events')
  const configs = ['--network-config-dir', `${cli.directory}/cni`]
  const ok = (...args: string[]) => cli.ok(...configs, ...args)
  await ok('network', 'create', 'one')
  const network = await ok('network', 'inspect', '--format', '{{.ID}}', 'one')
  const container = await ok('create', '--name', 'box', busybox, 'true')
  await ok('network', 'connect', 'one', 'box')
  await ok('network', 'disconnect', 'one', 'box')
  await ok('network', 'rm', 'one')
  const events = (...more: string[]) => ok('events', '--stream=false', '--filter', 'type=network', ...more)
  const lines = (await events()).split('\n').map(line => line.slice(line.indexOf(' network ') + 1))
  t.deepEqual(lines, [
    `network create ${network} (name=one, type=bridge)`,
    `network connect ${container} (container=${container}, name=one)`,
    `network disconnect ${container} (container=${container}, name=one)`,
    `network remove ${network} (name=one, type=bridge)`,
  ])
  t.is(
    await events('--format', '{{.Name}}|{{.Network}}|{{.Attributes}}'),
    '|one|map[driver:bridge]\nbox|one|map[]\nbox|one|map[]\n|one|map[driver:bridge]',
  )
})

test('secret inspect --pretty: with labels and without', async t => {
  const cli = await openCliWithBusybox(t, 'secret-pretty')
  await cli.run(['secret', 'create', 'bare', '-'], { input: 'x' })
  await cli.run(['secret', 'create', '--label', 'a=b', '--label', 'c', 'labelled', '-'], { input: 'x' })
  t.regex(await cli.ok('secret', 'inspect', '--pretty', 'bare'), /\nName: +bare\nDriver: +file\nCreated at: /)
  t.regex(
    await cli.ok('secret', 'inspect', '--pretty', 'labelled'),
    /\nName: +labelled\nLabels:\n - a=b\n - c\nDriver:/,
  )
})

test('inspect tells whose hosts and hostname a container has, and what else 5.8 tells of a container', async t => {
  const cli = await openCliWithBusybox(t, 'inspect-newer')
  await cli.ok('create', '--name', 'plain', busybox)
  await cli.ok('create', '--name', 'image', '--no-hosts', '--no-hostname', '--systemd', 'always', busybox)
  const of = async (name: string) => {
    const [found] = JSON.parse(await cli.ok('container', 'inspect', name))
    const { SystemdMode, ExposedPorts } = found.Config
    return [found.UseImageHosts, found.UseImageHostname, SystemdMode, ExposedPorts, found.HostConfig.LogConfig.Size]
  }
  t.deepEqual(await of('plain'), [false, false, undefined, undefined, '-1B'])
  t.deepEqual(await of('image'), [true, true, true, undefined, '-1B'])
  t.is((await cli.ok('info', '--format', '{{.Host.Conmon.Version}}')).split('\n').length, 1)
})

test('a file of hosts that is named must be there', async t => {
  const cli = await openCliWithBusybox(t, 'hosts-gone')
  const gone = join(cli.directory, 'gone')
  const ran = await cli.run(['run', '--rm', '--network', 'none', '--hosts-file', gone, busybox, 'true'])
  t.deepEqual(
    [ran.code, ran.stderr],
    [127, `Error: failed to create new hosts file: open ${gone}: no such file or directory\n`],
  )
})
