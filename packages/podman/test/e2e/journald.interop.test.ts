import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { plainEnvironment, privateJournal, run } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { busybox, openCliWithBusybox, peerGlobals } from './cli.ts'

const detached = ['run', '--detach', '--network', 'none', '--log-driver', 'journald']

/** Our command line and Podman's on one store, with events in a journal of their own. */
async function open(t: ExecutionContext, name: string) {
  const { enter } = await privateJournal(t)
  const cli = await openCliWithBusybox(t, name)
  const ours = [...enter, ...cli.argv, '--events-backend', 'journald']
  const theirs = [...enter, 'podman', ...peerGlobals(cli), '--events-backend', 'journald']
  const start = async ([program = '', ...before]: readonly string[], args: readonly string[]) => {
    const { code, stdout, stderr } = await run(program, [...before, ...args], { env: plainEnvironment })
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`)
    return stdout
  }
  return {
    ours,
    cli,
    ok: (...args: string[]) => start(ours, args),
    peer: (...args: string[]) => start(theirs, args),
    journal: (...args: string[]) => start(enter, ['journalctl', '--output=json', '--all', '--quiet', ...args]),
  }
}

/** The lines that a command prints, as they come; the command is killed when nobody wants more. */
async function* lines([program = '', ...args]: readonly string[]): AsyncGenerator<string> {
  const child = spawn(program, args, { env: plainEnvironment, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    yield* createInterface({ input: child.stdout })
  } finally {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
}

test('events in the journal: Podman reads ours, we read Podman’s; filters, since and until', async t => {
  t.timeout(120_000)
  const { ok, peer } = await open(t, 'journal-events')
  await ok('run', '--name', 'ours', '--label', 'role=web', '--network', 'none', busybox, 'sh', '-c', 'exit 3')
    .then(() => t.fail())
    .catch(error => t.regex(error.message, /ended with 3/))
  await ok('volume', 'create', 'ourvolume')
  await peer('volume', 'create', 'theirvolume')
  const all = ['events', '--stream=false', '--since', '1h']
  const told = await peer(...all, '--filter', 'container=ours', '--format', '{{.Status}} {{.Name}} {{.Image}}')
  for (const status of ['create', 'start', 'died']) t.true(told.includes(`${status} ours ${busybox}`), status)
  const died = await peer(...all, '--filter', 'event=died', '--format', 'json')
  t.like(JSON.parse(died.trim().split('\n')[0] ?? ''), { ContainerExitCode: 3, Name: 'ours' })
  const volumes = await ok(...all, '--filter', 'type=volume', '--format', '{{.Name}} {{.Status}}')
  t.is(volumes, 'ourvolume create\ntheirvolume create\n')
  t.regex(await ok(...all, '--filter', 'label=role=web', '--filter', 'event=start'), / container start .*name=ours/)
  t.is(await ok('events', '--stream=false', '--since', '1h', '--until', '2020-01-01T00:00:00Z'), '')
})

test('a follower of the journal is told what happens, and leaves when the time has come', async t => {
  t.timeout(120_000)
  const { ok, ours } = await open(t, 'journal-follow')
  await ok('volume', 'create', 'before')
  const format = ['--filter', 'type=volume', '--format', '{{.Name}}']
  const seen: string[] = []
  for await (const line of lines([...ours, 'events', '--since', '1h', ...format])) {
    seen.push(line)
    if (line === 'later') break
    await ok('volume', 'create', 'later')
  }
  t.deepEqual(seen, ['before', 'later'])
  t.is(await ok('events', '--since', '1h', '--until', '1s', ...format), 'before\nlater\n')
})

test('logs in the journal: both streams, the tail, times, long lines and bytes; Podman reads them too', async t => {
  t.timeout(120_000)
  const { ok, peer, cli, journal } = await open(t, 'journal-logs')
  const more = 'head -c 20000 /dev/zero | tr "\\0" x; echo; printf "\\377\\n"; printf last'
  const script = `echo one; echo two >&2; while ! test -e /go; do sleep 0.1; done; ${more}`
  await ok(...detached, '--name', 'talks', '--log-opt', 'tag={{.Name}} of {{.ImageName}}', busybox, 'sh', '-c', script)
  // conmon reads both streams as they come, in no order of their own.
  while (!/"MESSAGE":"two/.test(await journal('CONTAINER_NAME=talks')));
  await ok('exec', 'talks', 'touch', '/go')
  await ok('wait', 'talks')
  const [row = ''] = (await journal('CONTAINER_NAME=talks')).split('\n')
  t.is(JSON.parse(row).CONTAINER_TAG, `talks of ${busybox}`)
  const whole = await ok('logs', '--follow', 'talks')
  t.true(whole.startsWith('one\n'), whole.slice(0, 100))
  t.true(whole.includes(`${'x'.repeat(20000)}\n`))
  t.true(whole.endsWith('last'))
  t.is(await ok('logs', '--tail', '1', 'talks'), 'last')
  t.is(await ok('logs', '--tail', '3', 'talks'), whole.slice(whole.indexOf('xxx')))
  t.regex(await ok('logs', '--tail', '1', '--timestamps', '--names', 'talks'), /^\d{4}-\S+ last$/)
  t.is(await ok('logs', '--until', '2020-01-01T00:00:00Z', 'talks'), '')
  t.is(await ok('logs', '--since', '1h', 'talks'), whole)
  await ok(...detached, '--name', 'short', busybox, 'echo', 'hello')
  await ok('wait', 'short')
  // Whichever comes first: the other's last line has no end.
  t.regex(await ok('logs', 'short', 'talks'), /[0-9a-f]{12} hello$/m)
  t.is(await cli.ok('inspect', '--format', '{{.HostConfig.LogConfig.Type}}', 'short'), 'journald')
  // The host may forbid raising limits, which Podman's defaults do.
  const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024']
  await peer('run', ...limits, ...detached.slice(2), '--name', 'theirs', busybox, 'echo', 'from podman')
  t.regex(await ok('events', '--stream=false', '--since', '1h', '--filter', 'container=theirs'), /container died/)
})

test('what another user writes under the name of a container or of Podman is not taken for theirs', async t => {
  const { ok, ours } = await open(t, 'journal-forged')
  const id = (await ok(...detached, busybox, 'echo', 'true')).trim()
  await ok('wait', id)
  const forged = `CONTAINER_ID_FULL=${id}\nPRIORITY=6\nMESSAGE=forged\n\n`
  const event = 'SYSLOG_IDENTIFIER=podman\nPODMAN_TYPE=volume\nPODMAN_EVENT=create\nPODMAN_NAME=forged\n'
  const input = `${forged}${event}PODMAN_TIME=${new Date().toISOString()}\nMESSAGE=forged\n`
  const nobody = ['setpriv', '--reuid', '65534', '--clear-groups', 'logger', '--journald']
  for (const text of [forged, input.slice(forged.length)])
    t.is((await run('nsenter', [...ours.slice(1, 3), ...nobody], { env: plainEnvironment, input: text })).code, 0)
  t.is(await ok('logs', id), 'true\n')
  t.is(await ok('events', '--stream=false', '--since', '1h', '--filter', 'type=volume'), '')
})

test('following a log of the journal ends with the container, and nothing that it said is missing', async t => {
  t.timeout(120_000)
  const { ok, ours, journal } = await open(t, 'journal-end')
  const script = 'echo begin; while ! test -e /go; do sleep 0.1; done; seq 1 500; echo end'
  await ok(...detached, '--name', 'runs', busybox, 'sh', '-c', script)
  const seen: string[] = []
  for await (const line of lines([...ours, 'logs', '--follow', '--tail', '5', 'runs'])) {
    if (seen.length === 0) await ok('exec', 'runs', 'touch', '/go')
    seen.push(line)
  }
  t.deepEqual(seen, ['begin', ...Array.from({ length: 500 }, (_, at) => String(at + 1)), 'end'])
  const row = JSON.parse((await journal('CONTAINER_NAME=runs')).split('\n')[0] ?? '')
  t.like(row, {
    CONTAINER_ID_FULL: (await ok('inspect', '--format', '{{.Id}}', 'runs')).trim(),
    PRIORITY: '6',
    CONTAINER_NAME: 'runs',
  })
})

test('without a journal nothing is told, and nothing fails', async t => {
  const cli = await openCliWithBusybox(t, 'no-journal')
  const apart = ['--mount', '--', 'sh', '-c', 'mount -t tmpfs none /run/systemd 2>/dev/null; exec "$@"', 'sh']
  const args = [...cli.argv, '--events-backend', 'journald', 'run', '--network', 'none', busybox, 'echo', 'ran']
  t.like(await run('unshare', [...apart, ...args], { env: plainEnvironment }), { code: 0, stdout: 'ran\n' })
})

test('a journal at hand is what events and logs go to, unless containers.conf says otherwise', async t => {
  const { ok, ours } = await open(t, 'journal-default')
  t.is(await ok('info', '--format', '{{.Host.LogDriver}} {{.Host.EventLogger}}'), 'journald journald\n')
  const enter = ours.slice(0, 3)
  const bare = ours
    .slice(3)
    .filter((word, at, all) => word !== '--events-backend' && all[at - 1] !== '--events-backend')
  const env = { ...plainEnvironment, CONTAINERS_CONF: '/dev/null' }
  const [program = '', ...before] = [...enter, ...bare]
  const told = await run(program, [...before, 'info', '--format', '{{.Host.EventLogger}}'], { env })
  t.is(told.stdout, 'journald\n')
  const [without = '', ...rest] = bare
  t.is((await run(without, [...rest, 'info', '--format', '{{.Host.EventLogger}}'], { env })).stdout, 'file\n')
})
