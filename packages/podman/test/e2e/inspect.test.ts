import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

const bare = ['--network', 'none'] as const

/** One container as JSON. */
const inspected = async (cli: Cli, name: string) => JSON.parse(await cli.ok('inspect', name))[0]

/** An image with a volume and a port. */
async function withVolume(cli: Cli): Promise<string> {
  const archive = join(cli.directory, 'busybox.tar')
  const changes = ['VOLUME /data', 'EXPOSE 80/tcp', 'ENV PATH=/bin'].flatMap(change => ['--change', change])
  await cli.ok('import', '--quiet', ...changes, archive, 'localhost/data:latest')
  return 'localhost/data:latest'
}

test('volumes of another container stand above those of the image, and stay when the other one is gone', async t => {
  t.timeout(120_000)
  const cli = await openCliWithBusybox(t, 'volumes-from')
  const image = await withVolume(cli)
  await cli.ok('run', ...bare, '--name', 'lender', '--volume', '/tmp:/host', image, 'touch', '/data/mark')
  const find = ['sh', '-c', 'ls /data; test -d /host && echo host']
  await cli.ok('create', ...bare, '--name', 'borrower', '--volumes-from', 'lender', image, ...find)
  t.is(await cli.ok('start', '--attach', 'borrower'), 'mark\nhost')
  const [lent, borrowed] = [await inspected(cli, 'lender'), await inspected(cli, 'borrower')]
  t.is(lent.Mounts.length, 2)
  t.deepEqual(borrowed.Mounts, lent.Mounts)
  t.deepEqual(borrowed.HostConfig.VolumesFrom, ['lender'])
  t.is(borrowed.Config.Annotations['io.podman.annotations.volumes-from'], 'lender')
  await cli.ok('rm', '--volumes', 'lender')
  t.is(await cli.ok('start', '--attach', 'borrower'), 'mark\nhost')
  t.is((await cli.ok('volume', 'ls', '--quiet')).split('\n').length, 1)
})

test('what is borrowed may be written or not as the borrower says; its own mounts come first', async t => {
  const cli = await openCliWithBusybox(t, 'volumes-from-ro')
  await cli.ok('create', ...bare, '--name', 'lender', '--volume', 'v:/v', '--volume', 'w:/w', busybox)
  const options = ['--volumes-from', 'lender:ro', '--tmpfs', '/w']
  t.regex((await cli.run(['run', ...bare, ...options, busybox, 'touch', '/v/a'])).stderr, /Read-only/)
  t.is(await cli.ok('run', ...bare, ...options, busybox, 'sh', '-c', 'touch /w/a && stat -f -c %T /w'), 'tmpfs')
})

test('environment: what a start adds is told, a secret only by its name', async t => {
  const cli = await openCliWithBusybox(t, 'inspect-env')
  await writeFile(join(cli.directory, 'secret'), 'hush')
  await cli.ok('secret', 'create', 'word', join(cli.directory, 'secret'))
  const secrets = ['--secret', 'word,type=env,target=WORD', '--secret', 'word,uid=5,mode=0400']
  await cli.ok('create', ...bare, ...secrets, '--name', 'one', '--hostname', 'host', busybox, 'true')
  t.deepEqual((await inspected(cli, 'one')).Config.Env, ['container=podman', 'PATH=/bin', 'word=*******'])
  await cli.ok('start', '--attach', 'one')
  const { Config } = await inspected(cli, 'one')
  const added = ['HOME=/root', 'HOSTNAME=host']
  t.deepEqual(Config.Env, ['container=podman', 'PATH=/bin', ...added, 'word=*******'])
  const id = await cli.ok('secret', 'inspect', '--format', '{{.ID}}', 'word')
  t.deepEqual(Config.Secrets, [{ Name: 'word', ID: id, UID: 5, GID: 0, Mode: 0o400 }])
})

test('before a start there are no files, no check and no annotations but those that were asked for', async t => {
  const cli = await openCliWithBusybox(t, 'inspect-start')
  await cli.ok('create', ...bare, '--name', 'plain', '--health-cmd', 'true', busybox, 'true')
  const before = await inspected(cli, 'plain')
  t.is(before.Config.Annotations, null)
  t.false('OCIConfigPath' in before)
  t.is(before.HostsPath, '')
  t.deepEqual(before.State.Health, { Status: '', FailingStreak: 0, Log: null })
  await cli.ok('start', '--attach', 'plain')
  const after = await inspected(cli, 'plain')
  t.is(after.Config.Annotations['io.container.manager'], 'libpod')
  t.is(after.OCIConfigPath, join(after.StaticDir, 'config.json'))
  t.regex(after.HostsPath, /userdata\/hosts$/)
  t.regex(after.HostnamePath, /userdata\/hostname$/)
  t.is(after.State.Health.Log, null)
  t.false('StoppedByUser' in after.State)
})

test('annotations tell what a container was asked to be', async t => {
  const cli = await openCliWithBusybox(t, 'inspect-annotations')
  const id = join(cli.directory, 'id')
  const asked = ['--userns', 'host', '--cidfile', id, '--publish-all', '--init', '--annotation', 'own=1']
  await cli.ok('create', ...bare, ...asked, '--name', 'one', busybox, 'true')
  t.deepEqual((await inspected(cli, 'one')).Config.Annotations, {
    'io.podman.annotations.publish-all': 'TRUE',
    'io.podman.annotations.init': 'TRUE',
    'io.podman.annotations.cid-file': id,
    'io.podman.annotations.userns': 'host',
    own: '1',
  })
})

test('ports that the image exposes are told, those that nobody can reach are not', async t => {
  const cli = await openCliWithBusybox(t, 'inspect-ports')
  const image = await withVolume(cli)
  await cli.ok('create', ...bare, '--name', 'one', '--publish', '8080:80', '--expose', '90', image, 'true')
  const { Config, HostConfig, NetworkSettings } = await inspected(cli, 'one')
  t.deepEqual(Config.ExposedPorts, { '80/tcp': {}, '90/tcp': {} })
  t.deepEqual(NetworkSettings.Ports, { '80/tcp': null, '90/tcp': null })
  t.deepEqual(HostConfig.PortBindings, {})
  const [row] = JSON.parse(await cli.ok('ps', '--all', '--format', 'json'))
  t.deepEqual([row.ExposedPorts, row.Ports], [{ 80: ['tcp'], 90: ['tcp'] }, null])
  await cli.ok('create', '--network', 'host', '--name', 'two', image, 'true')
  t.deepEqual((await inspected(cli, 'two')).NetworkSettings.Ports, {})
})

test('mounts, capabilities, mappings and limits as Podman tells them', async t => {
  const cli = await openCliWithBusybox(t, 'inspect-host')
  const mounts = ['--mount', 'type=ramfs,destination=/r', '--volume', '/tmp:/o:O', '--tmpfs', '/t:size=1m']
  const rest = ['--cap-add', 'all', '--uidmap', '0:1000:500', '--cpu-period', '50000', '--cpu-quota', '50000']
  await cli.ok('create', ...bare, ...mounts, ...rest, '--name', 'one', busybox, 'true')
  const { Args, Mounts, HostConfig } = await inspected(cli, 'one')
  t.deepEqual(Args, ['true'])
  const common = { Type: 'bind', Driver: '', Mode: '', RW: true }
  t.deepEqual(Mounts, [
    { ...common, Source: 'ramfs', Destination: '/r', Options: [], Propagation: '' },
    { ...common, Source: '/tmp', Destination: '/o', Options: ['lowerdir=/tmp'], Propagation: 'private' },
  ])
  t.deepEqual(HostConfig.Binds, ['ramfs:/r'])
  t.deepEqual(HostConfig.Tmpfs, { '/t': 'size=1m,rprivate,nosuid,nodev,tmpcopyup' })
  t.true(HostConfig.CapAdd.includes('CAP_NET_ADMIN'))
  t.false(HostConfig.CapAdd.includes('CAP_CHOWN'), 'that is a usual one')
  t.deepEqual(HostConfig.CapDrop, [])
  t.deepEqual(HostConfig.IDMappings, { UidMap: ['0:1000:500'], GidMap: ['0:1000:500'] })
  t.deepEqual([HostConfig.NanoCpus, HostConfig.CpuQuota, HostConfig.MemorySwappiness], [0, 50000, 0])
})

test('a command that is all entrypoint is none', async t => {
  const cli = await openCliWithBusybox(t, 'inspect-command')
  await cli.ok('create', ...bare, '--name', 'one', '--entrypoint', '["sleep","5"]', busybox)
  const { Config, Path, Args } = await inspected(cli, 'one')
  t.deepEqual([Config.Cmd, Config.Entrypoint, Path, Args], [null, ['sleep', '5'], 'sleep', ['5']])
})

test('events tell to which pod belongs what starts in it, and with what a removed container had ended', async t => {
  const cli = await openCliWithBusybox(t, 'inspect-events')
  t.teardown(() => cli.ok('pod', 'rm', '--all', '--force', '--time', '0'))
  const id = await cli.ok('pod', 'create', '--network', 'none', '--name', 'pod')
  t.is((await cli.run(['run', '--pod', 'pod', '--name', 'one', busybox, 'sh', '-c', 'exit 3'])).code, 3)
  await cli.ok('rm', 'one')
  const lines = await cli.ok('events', '--stream=false', '--filter', 'container=one', '--format', 'json')
  const events = lines.split('\n').map(line => JSON.parse(line))
  const found = (status: string) => events.find(event => event.Status === status)
  t.is(found('init').PodID, id)
  t.is(found('remove').ContainerExitCode, 3)
})

test('why a container did not start is told', async t => {
  const cli = await openCliWithBusybox(t, 'inspect-error')
  t.is((await cli.run(['run', ...bare, '--name', 'one', busybox, '/nope'])).code, 127)
  const { State, Args } = await inspected(cli, 'one')
  t.is(State.Status, 'created')
  t.regex(State.Error, /\/nope/)
  t.deepEqual(Args, ['/nope'])
})

test('an init needs a process namespace of its own, and is not systemd', async t => {
  const cli = await openCliWithBusybox(t, 'init-refused')
  for (const [option, message] of [
    ['--pid=host', "cannot add init binary as PID 1 (PID namespace isn't private)"],
    ['--systemd=always', 'cannot use container-init binary with systemd=always'],
  ] as const) {
    const { code, stderr } = await cli.run(['create', ...bare, '--init', option, busybox, 'true'])
    t.deepEqual([code, stderr], [125, `Error: ${message}\n`])
  }
})

test('ps tells of namespaces when they are asked for', async t => {
  const cli = await openCliWithBusybox(t, 'ps-ns')
  await cli.ok('run', ...bare, '--detach', '--name', 'one', busybox, 'sleep', '1000')
  const namespaces = async (...options: string[]) =>
    JSON.parse(await cli.ok('ps', ...options, '--format', 'json'))[0].Namespaces
  t.deepEqual(await namespaces(), {})
  const found = await namespaces('--ns')
  t.deepEqual(Object.keys(found), ['Mnt', 'Cgroup', 'Ipc', 'Net', 'Pidns', 'Uts', 'User'])
  t.regex(found.Mnt, /^\d+$/)
})

test('pod inspect leaves out what a pod does not have, and tells how its first container is', async t => {
  const cli = await openCliWithBusybox(t, 'inspect-pod')
  t.teardown(() => cli.ok('pod', 'rm', '--all', '--force', '--time', '0'))
  await cli.ok('pod', 'create', '--infra=false', '--name', 'empty')
  const [empty] = JSON.parse(await cli.ok('pod', 'inspect', 'empty'))
  for (const key of ['InfraContainerID', 'InfraConfig', 'SharedNamespaces', 'Containers']) t.false(key in empty, key)
  await cli.ok('pod', 'create', '--network', 'host', '--pid', 'host', '--name', 'full')
  const [{ InfraConfig }] = JSON.parse(await cli.ok('pod', 'inspect', 'full'))
  t.like(InfraConfig, { NoManageHostname: false, HostsFile: '', Networks: null, pid_ns: 'host' })
})
