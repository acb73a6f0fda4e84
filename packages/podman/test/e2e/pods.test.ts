import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@libpod/test-kit'
import test from 'ava'
import { busybox, openCli, openCliWithBusybox } from './cli.ts'

test('init containers of a pod: one after the other before the rest, each time or once, and a failure keeps the pod from starting', async t => {
  t.timeout(120_000)
  const cli = await openCliWithBusybox(t, 'init-containers')
  await cli.ok('pod', 'create', '--network', 'none', '--name', 'pod')
  const share = ['--pod', 'pod', '--volume', 'shared:/shared', '--stop-timeout', '0']
  const append = (word: string): string[] => [busybox, 'sh', '-c', `echo ${word} >> /shared/log; cat /shared/log`]
  await cli.ok('create', ...share, '--name', 'main', busybox, 'sh', '-c', 'echo main >> /shared/log; sleep 1000')
  await cli.ok('create', ...share, '--name', 'first', '--init-ctr', 'always', ...append('always'))
  await cli.ok('create', ...share, '--name', 'second', '--init-ctr', 'once', ...append('once'))
  await cli.ok('pod', 'start', 'pod')
  const log = async (): Promise<string> => (await cli.ok('exec', 'main', 'cat', '/shared/log')).replaceAll('\n', ' ')
  t.is(await log(), 'always once main')
  t.is(await cli.ok('pod', 'ps', '--format', '{{.Status}}'), 'Running')
  t.is((await cli.run(['container', 'exists', 'second'])).code, 1)
  await cli.ok('pod', 'stop', 'pod')
  await cli.ok('pod', 'start', 'pod')
  t.is(await log(), 'always once main always main')
  await cli.ok('pod', 'stop', 'pod')
  await cli.ok('create', ...share, '--name', 'bad', '--init-ctr', 'always', busybox, 'sh', '-c', 'exit 3')
  const failed = await cli.run(['pod', 'start', 'pod'])
  t.is(failed.code, 125)
  t.regex(failed.stderr, /init container [0-9a-f]{64} exited with code 3/)
  t.is(await cli.ok('inspect', '--format', '{{.State.Status}}', 'main'), 'exited')
  for (const [args, message] of [
    [['--init-ctr', 'always'], 'must specify pod value with init-ctr'],
    [['--pod', 'pod', '--init-ctr', 'now'], "init-ctr value must be 'always' or 'once'"],
  ] as const) {
    const { code, stderr } = await cli.run(['create', ...args, busybox])
    t.deepEqual([code, stderr], [125, `Error: ${message}\n`])
  }
  await cli.ok('pod', 'rm', '--force', '--time', '0', 'pod')
})

test('rm --all takes pods with their infra containers; by name one is refused', async t => {
  const cli = await openCliWithBusybox(t, 'rm-all-pods')
  await cli.ok('pod', 'create', '--network', 'none', '--name', 'pod', '--infra-name', 'infra')
  await cli.ok('create', '--pod', 'pod', busybox)
  await cli.ok('create', '--network', 'none', busybox)
  t.is((await cli.run(['rm', '--force', 'infra'])).code, 125)
  t.is((await cli.ok('rm', '--force', '--all')).split('\n').length, 3)
  t.is(await cli.ok('ps', '--all', '--quiet'), '')
  t.is(await cli.ok('pod', 'ps', '--quiet'), '')
})

test('a pod that shares nothing has no infra container; addresses and hosts are told to the pod, not its members', async t => {
  const cli = await openCliWithBusybox(t, 'pod-shares')
  for (const share of ['', 'none']) {
    const id = await cli.ok('pod', 'create', '--share', share)
    t.is(await cli.ok('pod', 'inspect', '--format', '{{.NumContainers}}', id), '0', share)
  }
  t.is((await cli.run(['pod', 'create', '--share', 'none', '--network', 'none'])).code, 125)
  await cli.ok('pod', 'create', '--network', 'none', '--name', 'pod')
  for (const [option, value] of [
    ['--add-host', 'name:192.0.2.1'],
    ['--ip', '192.0.2.1'],
  ] as const) {
    const { code, stderr } = await cli.run(['create', '--pod', 'pod', option, value, busybox])
    t.is(code, 125, option)
    t.regex(stderr, /network cannot be configured when it is shared with a pod$/m)
  }
  t.is(await cli.ok('pod', 'stop', 'pod'), 'pod')
  await cli.ok('pod', 'rm', '--all')
})

test('ports and addresses of a container are those of whose network it has: ps, port and inspect tell them', async t => {
  const cli = await openCliWithBusybox(t, 'pod-ports')
  const port = await freePort()
  await cli.ok('pod', 'create', '--name', 'pod', '--infra-name', 'infra', '--publish', `127.0.0.1:${port}:80`)
  await cli.ok('run', '--detach', '--pod', 'pod', '--name', 'member', busybox, 'sleep', '1000')
  await cli.ok('run', '--detach', '--network', 'container:member', '--name', 'joined', busybox, 'sleep', '1000')
  const address = await cli.ok('inspect', '--format', '{{.NetworkSettings.IPAddress}}', 'infra')
  t.regex(address, /^\d+\.\d+\.\d+\.\d+$/)
  for (const name of ['infra', 'member', 'joined']) {
    t.is(await cli.ok('port', name), `80/tcp -> 127.0.0.1:${port}`)
    const line = await cli.ok('ps', '--filter', `name=^${name}$`, '--format', '{{.Ports}}')
    t.is(line, `127.0.0.1:${port}->80/tcp`)
    const network = await cli.ok(
      'inspect',
      '--format',
      '{{json .NetworkSettings.Ports}} {{.NetworkSettings.IPAddress}}',
      name,
    )
    t.is(network, `{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"${port}"}]} ${address}`)
  }
  t.is(await cli.ok('inspect', '--format', '{{json .HostConfig.PortBindings}}', 'member'), '{}')
  await cli.ok('rm', '--force', '--time', '0', 'joined')
  await cli.ok('pod', 'rm', '--force', '--time', '0', 'pod')
})

test('limits of a pod are its control group’s, also after it was stopped; what it cannot keep is refused', async t => {
  t.timeout(120_000)
  const cli = await openCliWithBusybox(t, 'pod-limits')
  const limits = ['--memory', '256m', '--cpus', '0.5', '--cpu-shares', '512', '--cpuset-cpus', '0']
  for (const infra of ['true', 'false']) {
    const id = await cli.ok(
      'pod',
      'create',
      ...(infra === 'true' ? ['--network', 'none'] : ['--infra=false']),
      ...limits,
    )
    await cli.ok('run', '--detach', '--network', 'none', '--pod', id, busybox, 'sleep', '1000')
    const group = await cli.ok('pod', 'inspect', '--format', '{{.CgroupPath}}', id)
    const v2 = existsSync('/sys/fs/cgroup/cgroup.controllers')
    const file = (controller: string, old: string, name: string): string =>
      v2 ? join('/sys/fs/cgroup', group, name) : join('/sys/fs/cgroup', controller, group, old)
    const kept = (): string[] => [
      readFileSync(file('memory', 'memory.limit_in_bytes', 'memory.max'), 'utf8').trim(),
      readFileSync(file('cpuset', 'cpuset.cpus', 'cpuset.cpus'), 'utf8').trim(),
      readFileSync(file('cpu', 'cpu.shares', 'cpu.weight'), 'utf8').trim(),
    ]
    const wanted = ['268435456', '0', v2 ? '20' : '512']
    t.deepEqual(kept(), wanted)
    await cli.ok('pod', 'stop', '--time', '0', id)
    t.false(existsSync(file('memory', '', '')))
    await cli.ok('pod', 'start', id)
    t.deepEqual(kept(), wanted)
    await cli.ok('pod', 'rm', '--force', '--time', '0', id)
    t.false(existsSync(file('memory', '', '')))
    t.false(existsSync(file('cpuset', '', '')))
  }
  const refused = await cli.run(['pod', 'create', '--network', 'none', '--cpuset-cpus', '4000'])
  t.is(refused.code, 125)
  t.is(await cli.ok('pod', 'ps', '--quiet'), '')
})

test('the command of an infra container is its entrypoint, whatever the image has; lists show none', async t => {
  const cli = await openCliWithBusybox(t, 'infra-command')
  const id = await cli.ok('create', '--network', 'none', busybox)
  await cli.ok('commit', '--quiet', '--change', 'ENTRYPOINT ["/not/there"]', id, 'localhost/infra')
  await cli.ok('rm', id)
  const options = ['--network', 'none', '--infra-image', 'localhost/infra', '--infra-command', '/bin/sleep 1000']
  await cli.ok('pod', 'create', '--name', 'pod', '--infra-name', 'holder', ...options)
  t.is(await cli.ok('inspect', '--format', '{{.Config.Entrypoint}}', 'holder'), '[/bin/sleep 1000]')
  t.is(await cli.ok('run', '--rm', '--pod', 'pod', busybox, 'echo', 'hi'), 'hi')
  t.is(await cli.ok('ps', '--all', '--format', '{{.Names}}:{{.Command}}'), 'holder:')
  const named = ['run', '--rm', '--pod', 'pod', '--hostname', 'other']
  const refused = await cli.run([...named, busybox, 'hostname'])
  t.is(refused.code, 125)
  t.regex(refused.stderr, /cannot set hostname when joining the pod UTS namespace: invalid configuration\n$/)
  t.is(await cli.ok(...named, '--uts', 'private', busybox, 'hostname'), 'other')
  await cli.ok('pod', 'rm', '--force', '--time', '0', 'pod')
})

test('a container has the users of the pod it is in: it chooses no others, nor does the environment; a new pod takes its hostname', async t => {
  const cli = await openCliWithBusybox(t, 'pod-users')
  await cli.ok('pod', 'create', '--name', 'pod', '--network', 'none')
  for (const asked of ['--uidmap=0:1000:1000', '--userns=auto', '--userns=keep-id', '--userns=ns:/proc/self/ns/user']) {
    const { code, stderr } = await cli.run(['create', '--pod', 'pod', asked, busybox, 'true'])
    t.is(code, 125)
    const reason = 'cannot set user namespace mode when joining pod with infra container: invalid argument'
    t.is(stderr, `Error: ${reason}\n`)
  }
  const inPod = ['run', '--rm', '--pod', 'pod', '--userns', 'host', busybox, 'id', '-u']
  t.is(await cli.ok(...inPod), '0')
  const told = ['run', '--rm', '--pod', 'pod', busybox, 'id', '-u']
  const fromEnvironment = await cli.run(told, { env: { ...process.env, PODMAN_USERNS: 'keep-id' } })
  t.is(fromEnvironment.stdout, '0\n', fromEnvironment.stderr)
  const named = ['--pod', 'new:named', '--network', 'none', '--hostname', 'inside']
  t.is(await cli.ok('run', ...named, busybox, 'hostname'), 'inside')
  t.is(await cli.ok('run', '--rm', '--pod', 'named', busybox, 'hostname'), 'inside')
  const nameless = await cli.run(['create', '--pod', 'new:', busybox])
  t.is(nameless.stderr, 'Error: new pod name must be at least one character\n')
  await cli.ok('pod', 'rm', '--force', '--time', '0', '--all')
})

test('pod logs: of all containers of a pod, each line with whose it is, or of one', async t => {
  const cli = await openCliWithBusybox(t, 'pod-logs')
  t.teardown(() => cli.ok('pod', 'rm', '--all', '--force', '--time', '0'))
  const pod = await cli.ok('pod', 'create', '--network', 'none', '--name', 'pod')
  const say = (name: string): Promise<string> =>
    cli.ok('run', '--pod', 'pod', '--name', name, busybox, 'sh', '-c', `echo of ${name}; echo more >&2`)
  for (const name of ['first', 'second']) await say(name)
  const first = await cli.ok('inspect', '--format', '{{.Id}}', 'first')
  const { stdout, stderr } = await cli.run(['pod', 'logs', 'pod'])
  t.true(stdout.split('\n').includes(`${first.slice(0, 12)} of first`))
  t.is(stderr.split('\n').length, 3)
  t.deepEqual((await cli.ok('pod', 'logs', '--names', pod)).split('\n').sort(), ['first of first', 'second of second'])
  t.is(await cli.ok('pod', 'logs', '--container', 'second', '--latest'), 'of second')
  t.is(await cli.ok('pod', 'logs', '--color', '-c', first, 'pod'), '\x1b[37mof first\x1b[0m')
  t.regex(await cli.ok('pod', 'logs', '-t', '-c', 'first', 'pod'), /^\d{4}-\d\d-\d\dT\S+ of first$/)
  t.is(await cli.ok('pod', 'logs', '--tail', '0', 'pod'), '')
  const follow = cli.ok('pod', 'logs', '--follow', '-c', 'third', 'pod').catch(String)
  t.regex(await follow, /container third is not in pod pod: no such container/)
  for (const [args, message] of [
    [[], 'specify at least one pod name or ID to log'],
    [['one', 'two'], 'requires exactly 1 arg'],
    [['--latest', 'pod'], '--latest and pods cannot be used together'],
    [['other'], 'no pod with name or ID other found: no such pod'],
  ] as const) {
    const refused = await cli.run(['pod', 'logs', ...args])
    t.deepEqual([refused.code, refused.stderr], [125, `Error: ${message}\n`])
  }
})

test('pod stats: what the containers of pods use, by Podman’s names; nothing when they do not run', async t => {
  const cli = await openCliWithBusybox(t, 'pod-stats')
  t.teardown(() => cli.ok('pod', 'rm', '--all', '--force', '--time', '0'))
  const head = ['POD', 'CID', 'NAME', 'CPU %', 'MEM USAGE/ LIMIT', 'MEM %', 'NET IO', 'BLOCK IO', 'PIDS']
  const table = async (...args: string[]): Promise<string[][]> =>
    (await cli.ok('pod', 'stats', '--no-stream', ...args)).split('\n').map(line => line.split(/ {2,}/))
  t.deepEqual(await table(), [head, head.map(() => '--')])
  t.is(await cli.ok('pod', 'stats', '--no-stream', '--format', 'json'), '[]')
  const create = (name: string): Promise<string> => cli.ok('pod', 'create', '--infra=false', '--name', name)
  const pods = [await create('one'), await create('two')]
  const run = ['run', '--detach', '--network', 'none', '--stop-timeout', '0']
  const id = await cli.ok(...run, '--name', 'busy', '--pod', 'one', busybox, 'sleep', '1000')
  const idle = await cli.ok('create', '--network', 'none', '--name', 'idle', '--pod', 'one', busybox, 'true')
  await cli.ok(...run, '--name', 'other', '--pod', 'two', busybox, 'sleep', '1000')
  const [heads, row = [], still = [], ...more] = await table('one')
  t.deepEqual([heads, more], [head, []])
  const none = ['0.00%', '-- / --', '0.00%', '-- / --', '-- / --', '--']
  t.deepEqual(still, [pods[0]?.slice(0, 12), idle.slice(0, 12), 'idle', ...none])
  t.deepEqual(row.slice(0, 3), [pods[0]?.slice(0, 12), id.slice(0, 12), 'busy'])
  t.is(row[8], '1')
  t.deepEqual((await table('--all')).map(([, , name]) => name).sort(), ['NAME', 'busy', 'idle', 'other'])
  t.deepEqual(
    (await table('--latest')).map(([, , name]) => name),
    ['NAME', 'other'],
  )
  const [shown] = JSON.parse(await cli.ok('pod', 'stats', '--no-stream', '--format', 'json', 'one'))
  const names = ['CPU', 'MemUsage', 'MemUsageBytes', 'Mem', 'NetIO', 'BlockIO', 'PIDS', 'Pod', 'CID', 'Name']
  t.deepEqual(Object.keys(shown), names)
  t.like(shown, { NetIO: '-- / --', PIDS: '1', Name: 'busy' })
  const format = 'table {{.CID}} {{.Mem}} {{.MemUsageBytes}}'
  t.regex(
    await cli.ok('pod', 'stats', '--no-stream', '--format', format, 'one'),
    /^CID +MEM +MEM USAGE\/ LIMIT\n[0-9a-f]{12} +[0-9.]+% +\S+ \/ \S+\n[0-9a-f]{12} +0.00% +-- \/ --$/,
  )
  const wrong = await cli.run(['pod', 'stats', '--no-stream', '--format', '{{.ID}}', 'one'])
  t.regex(wrong.stderr, /executing "stats" at <.ID>: can't evaluate field ID in type \*types.PodStatsReport/)
  for (const [args, message] of [
    [['foobar'], 'unable to get list of pods: no pod with name or ID foobar found: no such pod'],
    [['--all', 'one'], '--all, --latest and arguments cannot be used together'],
  ] as const) {
    const refused = await cli.run(['pod', 'stats', '--no-stream', ...args])
    t.deepEqual([refused.code, refused.stderr], [125, `Error: ${message}\n`])
  }
  t.is(await cli.ok('pod', 'ps', '--format', '{{.Cgroup}}', '--filter', 'name=one'), '/libpod_parent')
  t.is(await cli.ok('pod', 'inspect', '--format', '{{.CgroupParent}}', 'one'), '/libpod_parent')
  t.is(await cli.ok('pod', 'ps', '--format', '{{.Restarts}}', '--filter', 'name=two'), '0')
  const [two] = JSON.parse(await cli.ok('pod', 'ps', '--format', 'json', '--filter', 'name=two'))
  t.like(two.Containers[0], { Names: 'other', Status: 'running', RestartCount: 0 })
  const wide = (await cli.ok('pod', 'ps', '--ns', '--ctr-names')).split('\n')[0]
  t.is(wide?.replace(/ {2,}/g, ', '), 'POD ID, NAME, STATUS, CREATED, INFRA ID, NAMES, CGROUP, NAMESPACES')
})

test('what a pod mounts, and how it is secured, its containers have as well, but for what they ask for themselves', async t => {
  t.timeout(120_000)
  const cli = await openCliWithBusybox(t, 'pod-inherit')
  t.teardown(() => cli.ok('pod', 'rm', '--all', '--force', '--time', '0'))
  await cli.ok('volume', 'create', 'shared')
  const pidFile = join(cli.directory, 'conmon.pid')
  const devices = ['--device', '/dev/null:/dev/nought', '--security-opt', 'no-new-privileges']
  const mounted = ['--volume', 'shared:/shared', '--shm-size', '10m', '--sysctl', 'net.ipv4.ip_default_ttl=77']
  const options = [...devices, ...mounted, '--infra-conmon-pidfile', pidFile]
  await cli.ok('pod', 'create', '--network', 'none', '--name', 'pod', ...options)
  const seen =
    'touch /shared/there; stat -c %F /dev/nought; grep -c NoNewPrivs:.1 /proc/self/status; df -k /dev/shm | tail -1'
  const said = await cli.ok(
    'run',
    '--rm',
    '--pod',
    'pod',
    busybox,
    'sh',
    '-c',
    `${seen}; cat /proc/sys/net/ipv4/ip_default_ttl`,
  )
  const lines = said.split('\n')
  t.deepEqual([lines[0], lines[1], lines[3]], ['character special file', '1', '77'])
  t.regex(lines[2] ?? '', / 10240 /)
  t.true(existsSync(join(await cli.ok('volume', 'inspect', '--format', '{{.Mountpoint}}', 'shared'), 'there')))
  t.regex(readFileSync(pidFile, 'utf8'), /^\d+/)
  const own = ['run', '--rm', '--pod', 'pod', '--tmpfs', '/shared', busybox, 'ls', '/shared']
  t.is(await cli.ok(...own), '')
  t.is(
    await cli.ok('pod', 'inspect', '--format', '{{range .Mounts}}{{.Name}} {{.Destination}}{{end}}', 'pod'),
    'shared /shared',
  )
  t.is((await cli.run(['volume', 'rm', 'shared'])).code, 2)
})

test('a clone of a pod has a container like each of its original, and what is asked for instead', async t => {
  t.timeout(120_000)
  const cli = await openCliWithBusybox(t, 'pod-clone')
  t.teardown(() => cli.ok('pod', 'rm', '--all', '--force', '--time', '0'))
  const made = [
    '--name',
    'one',
    '--label',
    'a=b',
    '--restart',
    'on-failure:2',
    '--cpu-shares',
    '512',
    '--network',
    'none',
  ]
  const original = await cli.ok('pod', 'create', ...made, '--volume', 'first:/data')
  const sleep = ['--pod', 'one', '--stop-timeout', '0', '--env', 'ONE=1', busybox, 'sleep', '1000']
  await cli.ok('create', '--name', 'main', ...sleep)
  await cli.ok('create', '--name', 'side', '--requires', 'main', '--pid', 'container:main', ...sleep)
  const clone = await cli.ok('pod', 'clone', 'one')
  const inspect = (name: string, format: string): Promise<string> => cli.ok('pod', 'inspect', '--format', format, name)
  t.is(await inspect(clone, '{{.Name}} {{.Labels.a}} {{.State}}'), 'one-clone b Created')
  const names = '{{range .Containers}}{{.Name}} {{end}}'
  const infra = `${original.slice(0, 12)}-infra-clone`
  t.deepEqual((await inspect(clone, names)).trim().split(' ').sort(), [infra, 'main-clone', 'side-clone'].sort())
  await cli.ok('pod', 'start', clone)
  const of = (name: string, field: string): Promise<string> => cli.ok('inspect', '--format', field, name)
  t.is(await of('side-clone', '{{.HostConfig.PidMode}}'), `container:${await of('main-clone', '{{.Id}}')}`)
  t.is(await of('main-clone', '{{.HostConfig.RestartPolicy.Name}} {{.State.Status}}'), 'on-failure running')
  t.is(await cli.ok('exec', 'side-clone', 'sh', '-c', 'echo $ONE; test -d /data'), '1')
  const next = [
    '--name',
    'other',
    '--volume',
    'second:/data',
    '--label',
    'c=d',
    '--restart',
    'no',
    '--start',
    '--destroy',
  ]
  const other = await cli.ok('pod', 'clone', ...next, 'one')
  t.is(await inspect('other', '{{.ID}} {{.Labels.a}}{{.Labels.c}} {{.State}}'), `${other} bd Running`)
  t.is(await of('main-clone1', '{{(index .Mounts 0).Name}} {{.HostConfig.RestartPolicy.Name}}'), 'second no')
  t.is((await cli.run(['pod', 'exists', 'one'])).code, 1)
  t.is((await cli.run(['pod', 'clone', 'other', 'one-clone'])).code, 125)
  t.is(await cli.ok('pod', 'ps', '--quiet', '--no-trunc', '--sort', 'created'), `${other}\n${clone}`)
  t.is((await cli.run(['pod', 'clone'])).stderr, 'Error: accepts between 1 and 2 arg(s), received 0\n')
})

test('pod inspect tells what a pod’s containers get of the host, and what keeps them in bounds', async t => {
  const cli = await openCliWithBusybox(t, 'pod-security')
  t.teardown(() => cli.ok('pod', 'rm', '--all', '--force', '--time', '0'))
  const security = ['seccomp=unconfined', 'no-new-privileges', 'label=type:a_t', 'label=level:s0', 'unmask=all']
  const options = security.flatMap(option => ['--security-opt', option])
  await cli.ok('pod', 'create', '--network', 'none', '--name', 'pod', '--device', '/dev/zero:/dev/nought:r', ...options)
  const [{ devices, security_opt }] = JSON.parse(await cli.ok('pod', 'inspect', 'pod'))
  t.deepEqual(devices, [{ PathOnHost: '/dev/zero', PathInContainer: '/dev/nought', CgroupPermissions: '' }])
  const shown = ['no-new-privileges', 'label=type:a_t,label=level:s0', 'seccomp=unconfined', 'unmask=all']
  t.deepEqual(security_opt, shown)
  t.is(await cli.ok('pod', 'inspect', '--format', '{{json .SecurityOpts}}', 'pod'), JSON.stringify(shown))
  await cli.ok('pod', 'create', '--network', 'none', '--name', 'bare')
  const [bare] = JSON.parse(await cli.ok('pod', 'inspect', 'bare'))
  t.false('devices' in bare || 'security_opt' in bare)
})

test('pod inspect tells the limits of a pod; its containers lie elsewhere when it is not to be their parent', async t => {
  const cli = await openCliWithBusybox(t, 'pod-figures')
  t.teardown(() => cli.ok('pod', 'rm', '--all', '--force', '--time', '0'))
  const limits = ['--cpus', '0.5', '--cpu-shares', '512', '--cpuset-cpus', '0', '--memory', '64m']
  const id = await cli.ok('pod', 'create', '--network', 'none', '--name', 'pod', '--uts', 'host', ...limits)
  const fields = [
    'CPUPeriod',
    'CPUQuota',
    'CPUShares',
    'CPUSetCPUs',
    'MemoryLimit',
    'CreateCgroup',
    'InfraConfig.UtsNS',
  ]
  const format = fields.map(field => `{{.${field}}}`).join(' ')
  t.is(await cli.ok('pod', 'inspect', '--format', format, 'pod'), '100000 50000 512 0 67108864 true host')
  t.is(await cli.ok('run', '--rm', '--pod', 'pod', busybox, 'hostname'), hostname())
  const apart = ['--share-parent=false', '--name', 'apart', '--network', 'none', '--share', 'ipc,cgroup']
  await cli.ok('pod', 'create', ...apart)
  t.is(await cli.ok('pod', 'inspect', '--format', '{{.CreateCgroup}}', 'apart'), 'false')
  const parent = async (pod: string): Promise<string> =>
    cli.ok('inspect', '--format', '{{.HostConfig.CgroupParent}}', await cli.ok('create', '--pod', pod, busybox, 'true'))
  t.is(await parent('pod'), `/libpod_parent/${id}`)
  t.false((await parent('apart')).includes(await cli.ok('pod', 'inspect', '--format', '{{.ID}}', 'apart')))
  const refused = await cli.run(['pod', 'create', '--share', '+cgroup'])
  t.is(refused.code, 125)
  t.regex(refused.stderr, /^Error: cannot define the pod as the cgroup parent at the same time as joining/)
})

test('ways to name pods that exclude each other', async t => {
  const cli = await openCli(t, 'pod-selection')
  t.regex((await cli.run(['volume', 'mount', 'a', 'b'])).stderr, /accepts 1 arg\(s\), received 2/)
  for (const [line, message] of [
    ['inspect --latest x', '--latest and arguments cannot be used together'],
    ['start --latest x', '--latest and containers cannot be used together'],
    ['start --all x', 'no arguments are needed with --all'],
    ['stop --all --latest', '--all and --latest cannot be used together'],
    ['stop --all --pod-id-file /x', '--all, --latest, and --pod-id-file cannot be used together'],
    ['rm --pod-id-file /x y', 'no arguments are needed with --latest or --pod-id-file'],
    ['kill', 'you must provide at least one name or id'],
  ] as const) {
    const { code, stderr } = await cli.run(['pod', ...line.split(' ')])
    t.deepEqual([code, stderr], [125, `Error: ${message}\n`], line)
  }
})
