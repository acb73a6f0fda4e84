import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { run } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

/** Looks until it is so; the test's own timeout says when that is never. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(100)
}

const inspect = (cli: Cli, name: string, field: string): Promise<string> => cli.ok('inspect', '--format', field, name)
const detached = (cli: Cli, ...args: readonly string[]): Promise<string> =>
  cli.ok('run', '--detach', '--network', 'none', '--stop-timeout', '0', ...args)

test('restart policies hold when the command line is gone: always until it is stopped, on-failure as often as it may', async t => {
  t.timeout(120_000)
  const cli = await openCliWithBusybox(t, 'restart')
  await detached(cli, '--name', 'always', '--restart', 'always', busybox, 'sh', '-c', 'echo again; sleep 0.2')
  await detached(cli, '--name', 'fails', '--restart', 'on-failure:2', busybox, 'sh', '-c', 'echo try; exit 3')
  await detached(cli, '--name', 'fine', '--restart', 'on-failure:2', busybox, 'true')
  await until(async () => (await cli.ok('logs', 'always')).split('\n').length > 2)
  await until(async () => (await inspect(cli, 'fails', '{{.RestartCount}} {{.State.Status}}')) === '2 exited')
  t.is(await cli.ok('logs', 'fails'), 'try\ntry\ntry')
  t.is(await inspect(cli, 'fails', '{{.State.ExitCode}}'), '3')
  await until(async () => (await inspect(cli, 'fine', '{{.State.Status}}')) === 'exited')
  t.is(await inspect(cli, 'fine', '{{.RestartCount}}'), '0')
  // Who starts it by hand begins to count anew.
  await cli.ok('start', 'fails')
  await until(async () => (await inspect(cli, 'fails', '{{.RestartCount}} {{.State.Status}}')) === '2 exited')
  t.is(await cli.ok('logs', 'fails'), Array(6).fill('try').join('\n'))
  await cli.ok('stop', 'always')
  t.is(await inspect(cli, 'always', '{{.State.Status}}'), 'exited')
  t.is(await cli.ok('start', '--all', '--filter', 'restart-policy=always'), await inspect(cli, 'always', '{{.Id}}'))
  await cli.ok('update', '--restart', 'no', 'always')
  await until(async () => (await inspect(cli, 'always', '{{.State.Status}}')) === 'exited')
})

test('stop holds at whatever moment of a restart it comes, and a start that follows holds too', async t => {
  t.timeout(120_000)
  const cli = await openCliWithBusybox(t, 'restart-stop')
  await detached(cli, '--name', 'often', '--restart', 'always', busybox, 'sleep', '0.1')
  for (let round = 0; round < 8; round++) {
    await until(async () => (await inspect(cli, 'often', '{{.RestartCount}}')) !== '0')
    await delay(round * 20)
    await cli.ok('stop', 'often')
    const then = await inspect(cli, 'often', '{{.State.Status}} {{.RestartCount}}')
    t.regex(then, /^exited /)
    await delay(300)
    t.is(await inspect(cli, 'often', '{{.State.Status}} {{.RestartCount}}'), then)
    await cli.ok('start', 'often')
  }
})

test('unless-stopped starts at boot only when nobody stopped it', async t => {
  const cli = await openCliWithBusybox(t, 'boot')
  for (const name of ['left', 'stopped'])
    await detached(cli, '--name', name, '--restart', 'unless-stopped', busybox, 'sleep', '1000')
  await cli.ok('stop', 'stopped')
  t.is(await cli.ok('ps', '--all', '--filter', 'should-start-on-boot=true', '--format', '{{.Names}}'), 'left')
})

test('health checks go on by themselves: the startup check first, and a container that turns unhealthy is stopped', async t => {
  t.timeout(120_000)
  const cli = await openCliWithBusybox(t, 'health')
  const options = ['--health-cmd', 'test -e /well', '--health-interval', '1s', '--health-retries', '1']
  const startup = ['--health-startup-cmd', 'test -e /up', '--health-startup-interval', '1s']
  await detached(cli, '--name', 'sick', ...options, ...startup, '--health-on-failure', 'stop', busybox, 'sleep', '1000')
  t.is(await inspect(cli, 'sick', '{{.State.Health.Status}}'), 'starting')
  await cli.ok('exec', 'sick', 'touch', '/up', '/well')
  t.is(await cli.ok('wait', '--condition', 'healthy', 'sick'), '-1')
  await until(async () => (await inspect(cli, 'sick', '{{.State.Health.Log}}')).includes('0'))
  await cli.ok('exec', 'sick', 'rm', '/well')
  await until(async () => (await inspect(cli, 'sick', '{{.State.Status}}')) === 'exited')
  t.regex(await cli.ok('events', '--stream=false', '--filter', 'event=health_status'), /health_status=unhealthy/)
})

test('sessions: listed while they run and gone afterwards, or never written down; a detached one tells how it ended', async t => {
  const cli = await openCliWithBusybox(t, 'sessions')
  await detached(cli, '--name', 'host', busybox, 'sleep', '1000')
  const id = await cli.ok('exec', '--detach', 'host', 'sh', '-c', 'while ! test -e /go; do sleep 0.1; done; exit 7')
  t.is(await inspect(cli, 'host', '{{.ExecIDs}}'), `[${id}]`)
  t.is(await cli.ok('exec', '--no-session', 'host', 'echo', 'unwritten'), 'unwritten')
  await cli.ok('exec', 'host', 'touch', '/go')
  await until(async () => (await inspect(cli, 'host', '{{.ExecIDs}}')) === '[]')
  const died = await cli.ok('events', '--stream=false', '--filter', 'event=exec_died', '--format', 'json')
  const events = died.split('\n').map(line => JSON.parse(line))
  t.is(events.find(event => event.Attributes.execID === id)?.ContainerExitCode, 7)
  t.is((await cli.run(['exec', '--detach', 'host', 'no-such-program'])).code, 125)
})

test('files of a run: ids, pids, the environment of files and of the host, secrets, and the end of time', async t => {
  const cli = await openCliWithBusybox(t, 'files')
  const at = (name: string): string => join(cli.directory, name)
  await import('node:fs/promises').then(fs => fs.writeFile(at('env'), '# words\nONE=1\nHOME_OF\n'))
  await cli.ok('secret', 'create', 'word', at('env'))
  const id = await detached(
    cli,
    ...['--cidfile', at('cid'), '--pidfile', at('pid'), '--env-file', at('env'), '--env', 'TWO=2'],
    ...['--secret', 'word', '--secret', 'word,type=env,target=WORD', '--sdnotify', 'ignore', '--timeout', '1000'],
    ...[busybox, 'sh', '-c', 'env; cat /run/secrets/word; sleep 1000'],
  )
  t.is(readFileSync(at('cid'), 'utf8'), id)
  t.is(readFileSync(at('pid'), 'utf8').trim(), await inspect(cli, id, '{{.State.Pid}}'))
  await until(async () => (await cli.ok('logs', id)).includes('HOME_OF'))
  const log = await cli.ok('logs', id)
  t.regex(log, /^ONE=1$/m)
  t.regex(log, /^TWO=2$/m)
  t.regex(log, /^WORD=# words$/m)
  const late = await cli.run(['run', '--rm', '--network', 'none', '--timeout', '1', busybox, 'sleep', '1000'])
  t.not(late.code, 0)
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', FROM_HOST: 'yes' }
  const host = await cli.run(['run', '--rm', '--network', 'none', '--env-host', busybox, 'env'], { env })
  t.regex(host.stdout, /^FROM_HOST=yes$/m)
  await replaced(t, cli)
})

async function replaced(t: ExecutionContext, cli: Cli): Promise<void> {
  const first = await detached(cli, '--name', 'same', busybox, 'sleep', '1000')
  t.is((await cli.run(['run', '--detach', '--name', 'same', busybox, 'true'])).code, 125)
  const second = await detached(cli, '--replace', '--name', 'same', busybox, 'sleep', '1000')
  t.not(first, second)
  t.is((await cli.run(['container', 'exists', first])).code, 1)
  await cli.ok('tag', busybox, 'localhost/once')
  t.is(await cli.ok('run', '--rmi', '--network', 'none', 'localhost/once', 'echo', 'once'), 'once')
  t.is((await cli.run(['image', 'exists', 'localhost/once'])).code, 1)
  t.is((await cli.run(['image', 'exists', busybox])).code, 0)
}

test('logs: a path of one’s own, a size that is not passed, a tag that is no template', async t => {
  const cli = await openCliWithBusybox(t, 'logs')
  const path = join(cli.directory, 'own.log')
  const options = ['--log-driver', 'k8s-file', '--log-opt', `path=${path}`, '--log-opt', 'max-size=10kb']
  await detached(cli, '--name', 'many', ...options, busybox, 'seq', '10000')
  t.is(await cli.ok('wait', 'many'), '0')
  t.true(readFileSync(path).length <= 10_000)
  const left = (await cli.ok('logs', 'many')).split('\n')
  t.is(left.at(-1), '10000')
  t.true(left.length < 10_000)
  t.is(await cli.ok('logs', '--tail', '2', 'many'), '9999\n10000')
  t.is(await inspect(cli, 'many', '{{.HostConfig.LogConfig.Path}} {{.HostConfig.LogConfig.Size}}'), `${path} 10kB`)
  await detached(cli, '--name', 'docker', '--log-driver', 'json-file', busybox, 'echo', 'word')
  t.is(await cli.ok('wait', 'docker'), '0')
  t.regex(readFileSync(await inspect(cli, 'docker', '{{.HostConfig.LogConfig.Path}}'), 'utf8'), / stdout F word$/m)
  await cli.ok('create', '--name', 'silent', '--log-driver', 'none', busybox, 'true')
  t.is(await inspect(cli, 'silent', '{{.HostConfig.LogConfig.Path}}'), '')
  const refused = await cli.run(['run', '--network', 'none', '--log-opt', 'tag={{.Nonsense', busybox, 'true'])
  t.regex(refused.stderr, /template parsing error/)
  const old = await cli.run(['run', '--network', 'none', '--log-opt', 'tag={{.Nonsense}}', busybox, 'true'])
  t.regex(old.stderr, /can't evaluate field Nonsense/)
})

test('passthrough: the container has the streams of whoever started it, and nothing is kept of what it says', async t => {
  const cli = await openCliWithBusybox(t, 'passthrough')
  const through = ['--network', 'none', '--log-driver', 'passthrough', '--name', 'through']
  const script = 'cat; echo out; echo err >&2; exit 4'
  const ended = await cli.run(['run', '--interactive', ...through, busybox, 'sh', '-c', script], { input: 'in\n' })
  t.like(ended, { code: 4, stdout: 'in\nout\n', stderr: 'err\n' })
  t.regex(
    (await cli.run(['logs', 'through'])).stderr,
    /using the 'passthrough' log driver, cannot read logs: this container is not logging output/,
  )
  // A file: a pipe would be open as long as the container has it.
  const said = join(cli.directory, 'said')
  const again = [...cli.argv, 'run', '--detach', '--replace', ...through, busybox, 'sh', '-c', 'echo on; sleep 1000']
  t.is((await run('sh', ['-c', 'exec "$@" >"$0" 2>&1 </dev/null', said, ...again])).code, 0)
  await until(async () => readFileSync(said, 'utf8') === 'on\n')
  t.regex((await cli.run(['attach', 'through'])).stderr, /cannot attach/)
  t.regex((await cli.run(['run', '--attach', 'stdout', ...through, busybox])).stderr, /cannot specify --attach/)
})

test('a label of the image that names the capabilities it needs leaves it no others', async t => {
  const cli = await openCliWithBusybox(t, 'capability-label')
  const image = async (name: string, capabilities: string): Promise<string> => {
    const label = `LABEL io.containers.capabilities=${capabilities}`
    await cli.ok('create', '--name', `for-${name}`, busybox, 'true')
    await cli.ok('commit', '--quiet', '--change', label, `for-${name}`, name)
    return name
  }
  const bounding = (...args: string[]): Promise<string> =>
    cli.ok('run', '--rm', '--network', 'none', ...args, 'grep', 'CapBnd', '/proc/self/status')
  t.is(await bounding(await image('few', 'setuid,setgid')), 'CapBnd:\t00000000000000c0')
  t.is(await bounding('--privileged', 'few'), await bounding('--privileged', busybox))
  const asked = await cli.run([
    'run',
    '--network',
    'none',
    await image('much', 'sys_admin'),
    'cat',
    '/proc/self/status',
  ])
  t.regex(asked.stderr, /Capabilities requested by user or image are not allowed by default: "CAP_SYS_ADMIN"/)
  t.true(asked.stdout.includes(await bounding(busybox)))
})

test('a conmon that is not there: 125', async t => {
  const cli = await openCliWithBusybox(t, 'no-conmon')
  const { code, stderr } = await cli.run(['--conmon', '/nonexistent/conmon', 'run', busybox, 'true'])
  t.is(code, 125)
  t.regex(stderr, /\/nonexistent\/conmon/)
})

test('a checkpoint that would leave its container is refused, in Podman’s words where it would refuse too', async t => {
  const cli = await openCliWithBusybox(t, 'checkpoints')
  for (const [args, message] of [
    [['checkpoint', '--compress', 'gzip', 'x'], '--compress can only be used with --export'],
    [['checkpoint', '--export', 'f', '--compress', 'xz', 'x'], 'selected compression algorithm ("xz") not supported'],
    [['checkpoint', '--ignore-rootfs', 'x'], '--ignore-rootfs can only be used with --export'],
    [['checkpoint', '-P', '--with-previous', 'x'], '--with-previous can not be used with --pre-checkpoint'],
    [['checkpoint', '-e', 'f', 'x'], '--export is not supported: a checkpoint stays with its container'],
    [['restore', '--name', 'y', 'x'], '--name can only be used with image or --import'],
    [['restore', '-i', 'f', '--all'], 'cannot use --import with --all or --latest'],
    [['restore', '-i', 'f'], '--import is not supported: a checkpoint stays with its container'],
  ] as const) {
    const { code, stderr } = await cli.run(['container', ...args])
    t.is(code, 125)
    t.true(stderr.startsWith(`Error: ${message}`), stderr)
  }
})

test('healthcheck run tells what it found: 1 for whatever is not well, also for a container that ended meanwhile', async t => {
  t.timeout(120_000)
  const cli = await openCliWithBusybox(t, 'health-run')
  const check = (name: string) => cli.run(['healthcheck', 'run', name])
  const checkedByHand = (name: string, ...options: readonly string[]) =>
    detached(cli, '--name', name, '--health-interval', 'disable', ...options, busybox, 'sleep', '1000')
  await checkedByHand('fails', '--health-cmd', 'false')
  t.like(await check('fails'), { code: 1, stdout: 'unhealthy\n' })
  const startup = ['--health-startup-cmd', 'false', '--health-startup-interval', '0']
  await checkedByHand('begins', ...startup, '--health-cmd', 'true')
  t.like(await check('begins'), { code: 1, stdout: 'starting\n' })
  await checkedByHand('ends', '--health-cmd', 'touch /begun; sleep 1000')
  const checked = check('ends')
  await until(async () => (await cli.run(['exec', 'ends', 'test', '-e', '/begun'])).code === 0)
  await cli.ok('stop', 'ends')
  t.like(await checked, { code: 1, stdout: 'stopped\n' })
  const ended = await check('ends')
  t.is(ended.code, 125)
  t.is(ended.stderr, `Error: container ${await inspect(cli, 'ends', '{{.Id}}')} is not running\n`)
})
