import { readlink } from 'node:fs/promises'
import test from 'ava'
import { busybox, openCliWithBusybox } from './cli.ts'

const shown: readonly (readonly [options: readonly string[], names: string])[] = [
  [['--filter', 'pod=group'], 'member'],
  [['--filter', 'pod=other'], ''],
  [['--filter', 'volume=kept'], 'holder'],
  [['--filter', 'volume=kept:/data'], 'holder'],
  [['--filter', 'volume=kept:/elsewhere'], ''],
  [['--filter', 'volume=/tmp:/host'], 'holder'],
  [['--last', '1'], 'runner'],
  [['--external', '--filter', 'name=holder'], 'holder'],
]

test('filters and options that choose containers', async t => {
  const cli = await openCliWithBusybox(t, 'ps')
  const create = (...options: string[]) => cli.ok('create', '--network', 'none', ...options, busybox, 'sleep', '1000')
  await cli.ok('pod', 'create', '--infra=false', '--name', 'group')
  await create(
    '--name',
    'holder',
    '--volume',
    'kept:/data',
    '--volume',
    '/tmp:/host:ro',
    '--cidfile',
    `${cli.root}.cid`,
  )
  await cli.ok('create', '--name', 'member', '--pod', 'group', '--label', 'tier=back', busybox, 'sleep', '123456789012')
  await cli.ok(
    'run',
    '--detach',
    '--name',
    'runner',
    '--network',
    'none',
    '--stop-timeout',
    '0',
    busybox,
    'sleep',
    '9999',
  )
  const names = (...options: string[]) => cli.ok('ps', '--format', '{{.Names}}', '--sort', 'names', ...options)
  for (const [options, expected] of shown) t.is(await names('--all', ...options), expected, options.join(' '))
  t.is(await names('--external'), 'runner', 'those that stopped are not external')
  t.is(await names('--last', '0'), 'runner')
  t.regex((await cli.run(['ps', '--filter', 'exited=x'])).stderr, /^Error: exited code out of range: "x"/)

  const row = async (template: string, name: string) =>
    await cli.ok('ps', '--all', '--filter', `name=${name}`, '--format', template)
  t.is(await row('{{.Labels}} {{index .Labels "tier"}} {{.Mounts}}', 'member'), 'map[tier:back] back []')
  t.is(await row('{{.Mounts}} {{.CIDFile}}', 'holder'), `[/data /host] ${cli.root}.cid`)
  t.is(await row('{{.Command}}', 'member'), 'sleep 12345678901...', 'cut after 17 characters')
  t.is((await cli.ok('ps', '--format', 'table {{.RunningFor}}')).split('\n')[0], 'RUNNING FOR')
  t.regex(JSON.parse(await row('json', 'runner'))[0].Status, /^Up /)
  const { SizeRootFs } = JSON.parse(await cli.ok('inspect', '--size', 'runner'))[0]
  t.is(JSON.parse(await cli.ok('ps', '--size', '--format', 'json'))[0].Size.rootFsSize, SizeRootFs)

  const pid = await cli.ok('inspect', '--format', '{{.State.Pid}}', 'runner')
  const [, net = ''] = /\[(\d+)\]/.exec(await readlink(`/proc/${pid}/ns/net`)) ?? []
  t.is(await row('{{.NET}} {{.Namespaces.NET}}', 'runner'), `${net} ${net}`)
  const [head, line] = (await cli.ok('ps', '--ns', '--pod')).split('\n').map(text => text.split(/ {2,}/))
  t.deepEqual(head, ['CONTAINER ID', 'NAMES', 'PID', 'CGROUPNS', 'IPC', 'MNT', 'NET', 'PIDNS', 'USERNS', 'UTS'])
  t.is(line?.[6], net)
})

test('inspecting shows the limits and the options of mounts that hold', async t => {
  const cli = await openCliWithBusybox(t, 'options')
  const volumes = ['kept:/a', 'kept:/b:ro,exec', '/tmp:/c', '/tmp:/d:ro', '/tmp:/e:shared,noexec', '/tmp:/f:bind']
  await cli.ok('create', '--name', 'one', '--ulimit', 'core=0', ...volumes.flatMap(each => ['--volume', each]), busybox)
  const { HostConfig } = JSON.parse(await cli.ok('inspect', 'one'))[0]
  t.deepEqual(HostConfig.Binds.sort(), [
    '/tmp:/c:rprivate,rbind',
    '/tmp:/d:ro,rprivate,rbind',
    '/tmp:/e:shared,noexec,rbind',
    '/tmp:/f:bind,rprivate',
    'kept:/a:rprivate,nosuid,nodev,rbind',
    'kept:/b:ro,exec,rprivate,nosuid,nodev,rbind',
  ])
  t.deepEqual(
    HostConfig.Ulimits.map(({ Name }: { readonly Name: string }) => Name),
    ['RLIMIT_CORE', 'RLIMIT_NOFILE', 'RLIMIT_NPROC'],
  )
})
