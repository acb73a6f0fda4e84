import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plainEnvironment, run, startRegistry } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { busybox, type Cli, openCli, openCliWithBusybox } from './cli.ts'

/** What `podman OPTIONS info` says in the end. */
const told = (cli: Cli, template: string, ...options: readonly string[]): Promise<string> =>
  cli.ok(...options, 'info', '--format', template)

test('where things are kept: --root, --runroot, --volumepath, --imagestore, --transient-store, --tmpdir', async t => {
  const cli = await openCli(t, 'globals-places')
  const at = (name: string) => join(cli.directory, name)
  const template = '{{.Store.GraphRoot}} {{.Store.RunRoot}} {{.Store.VolumePath}} {{.Store.TransientStore}}'
  t.is(await told(cli, template), `${at('root')} ${at('run')} ${at('root')}/volumes false`)
  const options = ['--root', at('other'), '--runroot', at('other-run'), '--volumepath', at('v'), '--transient-store']
  t.is(await told(cli, template, ...options), `${at('other')} ${at('other-run')} ${at('v')} true`)
  await cli.ok('--volumepath', at('v'), 'volume', 'create', 'one')
  t.true((await readdir(at('v'))).includes('one'))
  await cli.ok('--tmpdir', at('events-here'), 'volume', 'create', 'two')
  t.regex(await readFile(join(at('events-here'), 'events/events.log'), 'utf8'), /"two"/)
})

test('how layers are kept: --storage-driver and --storage-opt', async t => {
  const cli = await openCli(t, 'globals-driver')
  t.is(await told(cli, '{{.Store.GraphDriverName}}', '--storage-driver', 'vfs'), 'vfs')
  t.is(
    await told(cli, '{{index .Store.GraphOptions "overlay.mountopt"}}', '--storage-opt', 'overlay.mountopt=nodev'),
    'nodev',
  )
  const refused = async (...options: readonly string[]) => {
    const { code, stderr } = await cli.run([...options, 'images'])
    return `${code} ${stderr}`
  }
  t.is((await cli.run(['--storage-driver', 'nonsense', 'ps'])).code, 125, 'though no layer is looked at')
  t.is(await refused('--storage-driver', 'nonsense'), '125 Error: storage driver "nonsense" is not supported\n')
  t.is(await refused('--storage-opt', 'bogus'), '125 Error: unable to parse key/value option: bogus\n')
  t.is(await refused('--storage-opt', 'overlay.nope=1'), '125 Error: unknown option "nope" ("overlay.nope=1")\n')
  t.is(await refused('--storage-opt', 'nope=1'), '125 Error: unknown option "nope" ("nope=1")\n')
  t.is(await refused('--storage-opt', 'overlay.size=much'), "125 Error: invalid size: 'much'\n")
  for (const option of ['bogus', 'overlay.skip_mount_home=x', 'overlay.mount_program=/no/such'])
    t.is((await cli.run(['--storage-opt', option, 'ps'])).code, 125, option)
  t.is((await cli.run(['--storage-opt', 'vfs.nope=1', '--storage-opt', '', 'ps'])).code, 0, 'another driver’s')
})

test('a storage.conf that names no driver is warned of, each time, unless the command names one', async t => {
  const cli = await openCli(t, 'globals-unnamed')
  const path = join(cli.directory, 'storage.conf')
  await writeFile(path, '')
  const env = { ...plainEnvironment, CONTAINERS_STORAGE_CONF: path }
  const stderr = async (...options: readonly string[]) => (await cli.run([...options, 'images'], { env })).stderr
  const warning = `level=warning msg="The storage 'driver' option should be set in ${path}. A driver was picked automatically."`
  t.true((await stderr()).includes(warning))
  t.is(await stderr('--storage-driver', 'overlay'), '')
  await writeFile(path, '[storage]\ndriver = "overlay"\n')
  t.is(await stderr(), '')
})

test('what containers are run with: --runtime, --runtime-flag, --conmon, --cgroup-manager, --hooks-dir', async t => {
  const cli = await openCliWithBusybox(t, 'globals-runtime')
  const path = await told(cli, '{{.Host.OCIRuntime.Path}}')
  const log = join(cli.directory, 'runtime.log')
  const wrapper = join(cli.directory, 'wrapped')
  await writeFile(wrapper, `#!/bin/sh\necho "$@" >>${log}\nexec ${path} "$@"\n`)
  await chmod(wrapper, 0o755)
  const ran = ['run', '--rm', '--network', 'none', busybox, 'true']
  await cli.ok('--runtime', wrapper, '--runtime-flag', 'log-format=json', ...ran)
  t.regex(await readFile(log, 'utf8'), /--log-format=?\s?json.* create /)
  t.is(await told(cli, '{{.Host.OCIRuntime.Path}}', '--runtime', wrapper), wrapper)
  t.is((await cli.run(['--runtime', '/nonexistent', ...ran])).code, 125)
  const withoutMonitor = await cli.run(['--conmon', '/nonexistent', ...ran])
  t.is(withoutMonitor.code, 125)
  t.regex(withoutMonitor.stderr, /^Error: no conmon at \/nonexistent: install the package conmon/m)
  t.is(await told(cli, '{{.Host.CgroupManager}}', '--cgroup-manager', 'cgroupfs'), 'cgroupfs')
  t.regex((await cli.run(['--cgroup-manager', 'x', 'ps'])).stderr, /^Error: invalid --cgroup-manager "x"/)
  await hook(t, cli, ran)
})

async function hook(t: ExecutionContext, cli: Cli, ran: readonly string[]): Promise<void> {
  const hooks = join(cli.directory, 'hooks')
  const proof = join(cli.directory, 'hooked')
  const program = join(cli.directory, 'hook')
  await mkdir(hooks)
  await writeFile(program, `#!/bin/sh\ntouch ${proof}\n`)
  await chmod(program, 0o755)
  const document = { version: '1.0.0', hook: { path: program }, when: { always: true }, stages: ['prestart'] }
  await writeFile(join(hooks, 'one.json'), JSON.stringify(document))
  await cli.ok('--hooks-dir', hooks, ...ran)
  t.is(await readFile(proof, 'utf8'), '')
}

test('networks and devices: --network-config-dir, --cdi-spec-dir', async t => {
  const cli = await openCliWithBusybox(t, 'globals-files')
  const networks = join(cli.directory, 'networks')
  await cli.ok('--network-config-dir', networks, 'network', 'create', 'mine')
  t.true((await readdir(networks)).some(name => name.startsWith('mine')))
  t.true((await cli.ok('--network-config-dir', networks, 'network', 'ls', '--quiet')).split('\n').includes('mine'))
  const hanging = ['--driver', 'macvlan', '--opt', 'parent=lo', '--opt', 'mtu=1400', 'hangs']
  await cli.ok('--network-config-dir', networks, 'network', 'create', ...hanging)
  const shown = ['network', 'inspect', '--format', '{{.NetworkInterface}} {{.Options}}', 'hangs']
  t.is(await cli.ok('--network-config-dir', networks, ...shown), 'lo map[mtu:1400]')
  await cli.ok('run', '--detach', '--network', 'none', '--stop-timeout', '0', busybox, 'sleep', '1000')
  t.is(await cli.ok('network', 'reload', '--all'), '', 'what has no network is passed over')
  const cdi = join(cli.directory, 'cdi')
  await mkdir(cdi)
  const device = { name: 'a', containerEdits: { env: ['FROM_CDI=yes'] } }
  await writeFile(join(cdi, 'x.json'), JSON.stringify({ cdiVersion: '0.6.0', kind: 'x.org/d', devices: [device] }))
  const ran = ['run', '--rm', '--network', 'none', '--device', 'x.org/d=a', busybox, 'sh', '-c', 'echo $FROM_CDI']
  t.is(await cli.ok('--cdi-spec-dir', cdi, ...ran), 'yes')
  t.not((await cli.run(ran)).code, 0)
})

test('what is configured and said: --module, --log-level, --out, --config, --events-backend', async t => {
  const cli = await openCliWithBusybox(t, 'globals-words')
  const module = join(cli.directory, 'module.conf')
  await writeFile(module, '[containers]\nenv = ["FROM_MODULE=yes"]\n')
  const ran = ['run', '--rm', '--network', 'none', busybox, 'sh', '-c', 'echo $FROM_MODULE']
  t.is(await cli.ok('--module', module, ...ran), 'yes')
  t.is((await cli.run(['--module', '/nonexistent.conf', 'ps'])).code, 1)
  t.regex((await cli.run(['--log-level', 'debug', 'ps'])).stderr, /level=debug/)
  t.is((await cli.run(['ps'])).stderr, '')
  const file = join(cli.directory, 'out')
  t.is(await cli.ok('--out', file, 'images', '--quiet'), '')
  t.regex(await readFile(file, 'utf8'), /^[0-9a-f]{12}\n$/)
  t.is(await told(cli, '{{.Host.EventLogger}}', '--events-backend', 'none'), 'none')
  const credentials = join(cli.directory, 'docker')
  await mkdir(credentials)
  const auth = Buffer.from('someone:secret').toString('base64')
  await writeFile(join(credentials, 'config.json'), JSON.stringify({ auths: { 'registry.example.com': { auth } } }))
  const [first = '', ...rest] = cli.argv
  const env = { ...plainEnvironment, HOME: cli.directory, XDG_RUNTIME_DIR: cli.directory }
  const login = await run(first, [...rest, '--config', credentials, 'login', '--get-login', 'registry.example.com'], {
    env,
  })
  t.is(login.stdout, 'someone\n', login.stderr)
})

test('containers.conf: a static_dir of its own has containers of its own, and cleans up after them', async t => {
  const cli = await openCliWithBusybox(t, 'globals-static')
  const override = join(cli.directory, 'containers.conf')
  await writeFile(override, `[engine]\nstatic_dir = "${join(cli.directory, 'static')}"\n`)
  const env = { ...plainEnvironment, CONTAINERS_CONF_OVERRIDE: override }
  const ran = await cli.run(['run', '--name', 'one', '--network', 'none', busybox, 'true'], { env })
  t.is(ran.code, 0, ran.stderr)
  t.is((await cli.run(['container', 'exists', 'one'], { env })).code, 0)
  t.is((await cli.run(['container', 'exists', 'one'])).code, 1)
  t.is((await cli.run(['rm', 'one'], { env })).code, 0)
})

test('containers.conf: compression_format and compression_level are what push says and does', async t => {
  const cli = await openCliWithBusybox(t, 'globals-compression')
  const registry = await startRegistry(t)
  const conf = join(cli.directory, 'containers.conf')
  await writeFile(conf, '[engine]\ncompression_format = "zstd:chunked"\ncompression_level = 1\n')
  const help = async (path: string) =>
    (await cli.run(['push', '--help'], { env: { ...plainEnvironment, CONTAINERS_CONF: path } })).stdout
  t.regex(await help('/dev/null'), /compression format to use \(default "gzip"\)/)
  t.notRegex(await help('/dev/null'), /compression level to use \(default/)
  t.regex(await help(conf), /compression format to use \(default "zstd:chunked"\)/)
  t.regex(await help(conf), /compression level to use \(default 1\)/)
  const target = `${registry.host}/small:1`
  const env = { ...plainEnvironment, CONTAINERS_CONF: conf }
  const pushed = await cli.run(['push', '--quiet', '--tls-verify=false', busybox, target], { env })
  t.is(pushed.code, 0, pushed.stderr)
  t.regex(
    (await run('skopeo', ['inspect', '--tls-verify=false', '--raw', `docker://${target}`])).stdout,
    /tar\+zstd[\s\S]*zstd-chunked\.manifest-position/,
  )
})

test('containers.conf: host_containers_internal_ip is what the host is called by, or nothing', async t => {
  const cli = await openCliWithBusybox(t, 'globals-host-ip')
  const conf = join(cli.directory, 'containers.conf')
  const hosts = async (value: string) => {
    await writeFile(conf, `[containers]\nhost_containers_internal_ip = "${value}"\n`)
    const env = { ...plainEnvironment, CONTAINERS_CONF_OVERRIDE: conf }
    return (await cli.run(['run', '--rm', '--network', 'none', busybox, 'cat', '/etc/hosts'], { env })).stdout
  }
  t.regex(await hosts('192.0.2.7'), /^192\.0\.2\.7\thost\.containers\.internal/m)
  t.notRegex(await hosts('none'), /host\.containers\.internal/)
})

test('containers.conf: umask is what a container has and what inspect shows; --umask goes before it', async t => {
  const cli = await openCliWithBusybox(t, 'globals-umask')
  const conf = join(cli.directory, 'containers.conf')
  await writeFile(conf, '[containers]\numask = "0027"\n')
  const env = { ...plainEnvironment, CONTAINERS_CONF_OVERRIDE: conf }
  for (const [more, umask] of [
    [[], '0027'],
    [['--umask', '0072'], '0072'],
  ] as const) {
    const ran = await cli.run(['run', '--name', 'one', '--network', 'none', ...more, busybox, 'sh', '-c', 'umask'], {
      env,
    })
    t.is(ran.stdout, `${umask}\n`, ran.stderr)
    // As it was made: also for those whose configuration says otherwise.
    t.is((await cli.run(['inspect', '--format', '{{.Config.Umask}}', 'one'])).stdout, `${umask}\n`)
    t.is((await cli.run(['rm', 'one'], { env })).code, 0)
  }
})

test("inspect names the network of a container that has none or the host's", async t => {
  const cli = await openCliWithBusybox(t, 'globals-no-network')
  for (const network of ['host', 'none']) {
    const id = await cli.ok('create', '--network', network, busybox)
    t.is(
      await cli.ok(
        'inspect',
        '--format',
        '{{range $name, $net := .NetworkSettings.Networks}}{{$name}} {{$net.NetworkID}}{{end}}',
        id,
      ),
      `${network} ${network}`,
    )
  }
})

test('containers.conf: runtimes_flags go to their runtime when none are given; log_size_max is the size that inspect tells', async t => {
  const cli = await openCliWithBusybox(t, 'globals-flags')
  const conf = join(cli.directory, 'flags.conf')
  const env = { ...plainEnvironment, CONTAINERS_CONF_OVERRIDE: conf }
  const flags = (runtime: string) =>
    writeFile(conf, `[containers]\nlog_size_max = 400000000\n[engine.runtimes_flags]\n${runtime} = ["invalidflag"]\n`)
  const [runtime = ''] = (await told(cli, '{{.Host.OCIRuntime.Name}}')).split('\n')
  await flags(runtime)
  const run = ['run', '--rm', '--network', 'none', busybox, 'true']
  const refused = await cli.run(run, { env })
  t.is(refused.code, 126)
  t.regex(refused.stderr, /invalidflag/)
  t.notRegex((await cli.run(['--runtime-flag', 'other', ...run], { env })).stderr, /invalidflag/)
  await cli.run(['create', '--name', 'sized', busybox, 'true'], { env })
  const size = ['inspect', '--format', '{{.HostConfig.LogConfig.Size}}', 'sized']
  t.is((await cli.run(size, { env })).stdout, '400MB\n')
  await flags('nonsense')
  const unknown = await cli.run(run, { env })
  t.is(unknown.code, 1)
  t.regex(unknown.stderr, /invalid runtime "nonsense" in \[engine.runtimes_flags\]: not defined in \[engine.runtimes\]/)
})

test('published ports are told to be of no use with a network of others or none', async t => {
  const cli = await openCliWithBusybox(t, 'globals-ports')
  for (const mode of ['host', 'none']) {
    const { code, stderr } = await cli.run(['run', '--rm', '--network', mode, '--publish', '8080:80', busybox, 'true'])
    t.is(code, 0)
    t.regex(stderr, new RegExp(`Port mappings have been discarded because "${mode}" network namespace mode`))
  }
})

test('root’s own containers.conf and its drop-ins come after the administrator’s', async t => {
  const cli = await openCli(t, 'globals-own')
  const own = join(cli.directory, '.config/containers')
  await mkdir(join(own, 'containers.conf.d'), { recursive: true })
  const env = { ...plainEnvironment, HOME: cli.directory }
  const driver = async () => (await cli.run(['info', '--format', '{{.Host.LogDriver}}'], { env })).stdout
  await writeFile(join(own, 'containers.conf'), '[containers]\nlog_driver = "none"\n')
  t.is(await driver(), 'none\n')
  await writeFile(join(own, 'containers.conf.d/10.conf'), '[containers]\nlog_driver = "journald"\n')
  t.is(await driver(), 'journald\n')
})

test('containers.conf that is broken or has values that cannot be: 1 whatever the command, naming file and key', async t => {
  const cli = await openCliWithBusybox(t, 'globals-broken')
  const conf = join(cli.directory, 'broken.conf')
  const env = { ...plainEnvironment, CONTAINERS_CONF_OVERRIDE: conf }
  const refused = 'Failed to obtain podman configuration: '
  for (const [text, reason] of [
    ['bogus', `reading ${conf}: line 1: `],
    ['[containers]\npids_limit = "x"', `reading ${conf}: containers.pids_limit must be an integer, not "x"\n`],
    ['[containers]\numask = "9"', `reading ${conf}: containers.umask: "9" is not a umask such as 0022\n`],
  ] as const)
    for (const command of [
      ['ps'],
      ['images'],
      ['volume', 'ls'],
      ['run', '--rm', '--network', 'none', busybox, 'true'],
    ]) {
      await writeFile(conf, `${text}\n`)
      const { code, stdout, stderr } = await cli.run(command, { env })
      t.deepEqual([code, stdout], [1, ''], stderr)
      t.true(stderr.startsWith(refused + reason), stderr)
    }
  const gone = { ...plainEnvironment, CONTAINERS_CONF: join(cli.directory, 'gone') }
  t.is((await cli.run(['ps'], { env: gone })).code, 1)
  const storage = join(cli.directory, 'storage.conf')
  await writeFile(storage, '[storage]\ndriver = 1\n')
  const ps = await cli.run(['ps'], { env: { ...plainEnvironment, CONTAINERS_STORAGE_CONF: storage } })
  t.deepEqual([ps.code, ps.stderr], [1, `${refused}${storage}: driver must be a string\n`])
})

test('containers.conf has words that mean nothing: 125 when a container is made, unless that has its own', async t => {
  const cli = await openCliWithBusybox(t, 'globals-words')
  const conf = join(cli.directory, 'words.conf')
  const env = { ...plainEnvironment, CONTAINERS_CONF_OVERRIDE: conf }
  const create = (...options: readonly string[]) => cli.run(['create', ...options, busybox, 'true'], { env })
  for (const [line, reason, ...own] of [
    ['ipcns = "bogus"', 'unrecognized namespace mode bogus passed', '--ipc', 'private'],
    ['pidns = "bogus"', 'unrecognized namespace mode bogus passed', '--pid', 'host'],
    ['utsns = "bogus"', 'unrecognized namespace mode bogus passed', '--uts', 'host'],
    ['userns = "bogus"', 'unrecognized namespace mode bogus passed', '--userns', 'host'],
    ['cgroups = "bogus"', 'invalid cgroup mode "bogus": invalid argument', '--cgroups', 'no-conmon'],
    ['log_driver = "bogus"', 'invalid log driver "bogus": invalid argument', '--log-driver', 'none'],
    ['default_capabilities = ["bogus"]', '"CAP_BOGUS": unknown capability'],
    ['default_sysctls = ["bogus"]', 'bogus is invalid, sysctl values must be in the form of KEY=VALUE'],
    ['env = ["=bogus"]', 'parsing fields in containers.conf: invalid variable: "=bogus"'],
    ['seccomp_profile = "/no/such"', 'opening seccomp profile failed: open /no/such: no such file or directory'],
  ] as const) {
    await writeFile(conf, `[containers]\n${line}\n`)
    const { code, stderr } = await create()
    t.deepEqual([code, stderr], [125, `Error: ${reason}\n`], line)
    t.is((await cli.run(['ps'], { env })).code, 0, line)
    if (own.length > 0) t.is((await create(...own)).code, 0, own.join(' '))
  }
})

test('containers.conf: pull_policy and detach_keys hold where nobody says', async t => {
  const cli = await openCliWithBusybox(t, 'globals-policy')
  const conf = join(cli.directory, 'policy.conf')
  const env = { ...plainEnvironment, CONTAINERS_CONF_OVERRIDE: conf }
  await writeFile(conf, '[engine]\npull_policy = "NEVER"\ndetach_keys = "bogus"\n')
  const missing = await cli.run(['create', 'localhost/missing'], { env })
  t.deepEqual([missing.code, missing.stderr], [125, 'Error: localhost/missing: image not known\n'])
  const run = ['run', '--rm', '--network', 'none']
  const keys = await cli.run([...run, busybox, 'echo', 'ran'], { env })
  t.deepEqual([keys.code, keys.stdout], [126, ''])
  const own = await cli.run([...run, '--detach-keys', 'ctrl-a', busybox, 'echo', 'ran'], { env })
  t.deepEqual([own.code, own.stdout], [0, 'ran\n'], own.stderr)
})

test('--noout: nothing on standard output, nor what a container says; --out takes that too', async t => {
  const cli = await openCliWithBusybox(t, 'globals-noout')
  const say = ['run', '--rm', '--network', 'none', busybox, 'sh', '-c', 'echo out; echo err >&2']
  t.like(await cli.run(['--noout', 'info']), { code: 0, stdout: '' })
  t.like(await cli.run(['--noout', ...say]), { code: 0, stdout: '', stderr: 'err\n' })
  const file = join(cli.directory, 'said')
  t.like(await cli.run(['--out', file, ...say]), { code: 0, stdout: '', stderr: 'err\n' })
  t.is(await readFile(file, 'utf8'), 'out\n')
})
