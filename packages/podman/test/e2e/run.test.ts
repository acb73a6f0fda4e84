import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '@libpod/test-kit'
import test from 'ava'
import { busybox, openCliWithBusybox } from './cli.ts'

const quick = ['run', '--rm', '--network', 'none']

test('a start that fails while it is prepared leaves no monitor behind', async t => {
  const cli = await openCliWithBusybox(t, 'run-unprepared')
  const refuse = async () => {
    const { stderr } = await cli.run([...quick, '--hostuser', 'nosuchuser', busybox, 'true'])
    t.regex(stderr, /^Error: user: unknown user nosuchuser/)
  }
  // Whether a monitor is there by then is a matter of chance.
  await Promise.all(Array.from({ length: 12 }, refuse))
  const left = () => processesThatName(cli.directory)
  for (let tries = 0; left().length > 0 && tries < 500; tries++) await delay(20)
  t.deepEqual(left(), [])
})

/** Command lines of processes that were told of a path. */
const processesThatName = (path: string): readonly string[] =>
  readdirSync('/proc').flatMap(pid => {
    try {
      const line = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : ''
      return line.includes(`${path}/`) ? [line.replaceAll('\0', ' ')] : []
    } catch {
      return []
    }
  })

test('run prints what the container prints, on both streams, and leaves no container', async t => {
  const cli = await openCliWithBusybox(t, 'run')
  const { code, stdout, stderr } = await cli.run([...quick, busybox, 'sh', '-c', 'echo out; echo err >&2'])
  t.deepEqual([code, stdout, stderr], [0, 'out\n', 'err\n'])
  t.is(await cli.ok('ps', '--all', '--quiet'), '')
})

test("exit codes are the container's own, 127 and 126 for a command that is missing or no program, 125 for the engine", async t => {
  const cli = await openCliWithBusybox(t, 'codes')
  const code = async (...args: string[]): Promise<number | null> => (await cli.run([...quick, ...args])).code
  t.is(await code(busybox, 'sh', '-c', 'exit 42'), 42)
  t.is(await code(busybox, '/no/such/program'), 127)
  t.is(await code(busybox, '/etc'), 126)
  t.is(await code('--no-such-option', busybox), 125)
  t.is(await code('--pull', 'never', 'localhost/not-here', 'true'), 125)
  t.is(await code(busybox, 'sh', '-c', 'sh -c "kill -9 \\$\\$"; exit $?'), 137)
  t.is(await cli.ok('ps', '--all', '--quiet'), '')
})

test('standard input reaches the container and its end is seen', async t => {
  const cli = await openCliWithBusybox(t, 'stdin')
  const input = 'x'.repeat(300_000)
  const { code, stdout } = await cli.run([...quick, '-i', busybox, 'wc', '-c'], { input })
  t.deepEqual([code, stdout.trim()], [0, String(input.length)])
})

test('every byte of a long output arrives', async t => {
  const cli = await openCliWithBusybox(t, 'bytes')
  const { code, stdout } = await cli.run([...quick, busybox, 'sh', '-c', 'seq 1 100000'])
  t.is(code, 0)
  t.is(stdout, `${Array.from({ length: 100_000 }, (_, index) => index + 1).join('\n')}\n`)
})

test('the process: environment, directory, user, entrypoint and hostname', async t => {
  const cli = await openCliWithBusybox(t, 'process')
  const say = (...args: string[]): Promise<string> => cli.ok(...quick, ...args)
  const [environment, directory, user, named, entry, host] = await Promise.all([
    say('-e', 'A=b c', '--env', 'EMPTY=', busybox, 'sh', '-c', 'echo "$A|$EMPTY|$container"'),
    say('-w', '/etc', busybox, 'pwd'),
    say('-u', '1000:1001', busybox, 'id'),
    say('--user', 'guest', busybox, 'id', '-G'),
    say('--entrypoint', '["/bin/echo","entry"]', busybox, 'argument'),
    say('--hostname', 'somewhere', busybox, 'hostname'),
  ])
  t.deepEqual([environment, directory], ['b c||podman', '/etc'])
  t.regex(user, /uid=1000\(guest\) gid=1001\(extra\)/)
  t.is(named, '1000 1001')
  t.deepEqual([entry, host], ['entry argument', 'somewhere'])
  const nowhere = await cli.run([...quick, '-w', '/not/there', busybox, 'pwd'])
  t.is(nowhere.code, 126)
  t.regex(nowhere.stderr, /workdir "\/not\/there" does not exist on container/)
})

test('isolation: capabilities, a read-only root and limits of the control group', async t => {
  const cli = await openCliWithBusybox(t, 'isolation')
  const effective = async (...args: string[]): Promise<bigint> => {
    const status = await cli.ok(...quick, ...args, busybox, 'cat', '/proc/self/status')
    return BigInt(`0x${/CapEff:\s*(\w+)/.exec(status)?.[1]}`)
  }
  const chown = 1n << 0n
  const netAdmin = 1n << 12n
  const [usual, added, dropped, user] = await Promise.all([
    effective(),
    effective('--cap-add', 'net_admin'),
    effective('--cap-drop', 'CAP_CHOWN'),
    effective('-u', '1000'),
  ])
  t.is(usual & netAdmin, 0n)
  t.is(added & netAdmin, netAdmin)
  t.deepEqual([usual & chown, dropped & chown, user], [chown, 0n, 0n])
  const { code, stderr } = await cli.run([...quick, '--read-only', busybox, 'touch', '/file'])
  t.is(code, 1)
  t.regex(stderr, /Read-only file system/)
  const limits = await cli.ok(
    ...[...quick, '--memory', '64m', '--cpus', '0.5', '--pids-limit', '33', busybox, 'sh', '-c'],
    'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max /sys/fs/cgroup/pids.max',
  )
  t.regex(limits, /^67108864\n50000( 100000)?\n33$/)
})

test('volumes: a directory of the host, read-only and writable, a named volume that stays, a tmpfs', async t => {
  const cli = await openCliWithBusybox(t, 'volumes')
  const shared = join(cli.directory, 'shared')
  await mkdir(shared)
  await writeFile(join(shared, 'in'), 'from the host')
  t.is(
    await cli.ok(...quick, '-v', `${shared}:/data`, busybox, 'sh', '-c', 'cat /data/in; echo -n back >/data/out'),
    'from the host',
  )
  t.is(await readFile(join(shared, 'out'), 'utf8'), 'back')
  t.not((await cli.run([...quick, '-v', `${shared}:/data:ro`, busybox, 'touch', '/data/x'])).code, 0)
  await cli.ok(...quick, '-v', 'kept:/var/kept', busybox, 'sh', '-c', 'echo again >/var/kept/f')
  t.is(await cli.ok(...quick, '-v', 'kept:/elsewhere', busybox, 'cat', '/elsewhere/f'), 'again')
  t.regex(await cli.ok(...quick, '--tmpfs', '/scratch:size=1m', busybox, 'df', '/scratch'), /tmpfs\s+1024/)
})

test('a detached container: ps, logs, exec, top, wait, stop, start, kill, rm', async t => {
  const cli = await openCliWithBusybox(t, 'life')
  const id = await cli.ok(
    'run',
    '-d',
    '--name',
    'worker',
    '--network',
    'none',
    busybox,
    'sh',
    '-c',
    'trap "exit 3" TERM; echo ready; while :; do sleep 0.1; done',
  )
  t.regex(id, /^[0-9a-f]{64}$/)
  t.is(await cli.ok('ps', '--format', '{{.Names}} {{.Image}} {{.State}}'), `worker ${busybox} running`)
  while ((await cli.ok('logs', 'worker')) !== 'ready') t.pass()
  t.is(await cli.ok('exec', 'worker', 'sh', '-c', 'echo inside; exit 0'), 'inside')
  t.is((await cli.run(['exec', 'worker', 'sh', '-c', 'exit 9'])).code, 9)
  t.is((await cli.run(['exec', '--user', 'nobody-here', 'worker', 'true'])).code, 255)
  t.is((await cli.run(['exec', 'nobody-here', 'true'])).code, 125)
  t.is((await cli.run(['exec', '-i', 'worker', 'cat'], { input: 'through' })).stdout, 'through')
  t.regex(await cli.ok('top', 'worker', 'pid', 'args'), /^PID\s+COMMAND\n1\s+sh -c/)
  t.is((await cli.run(['rm', 'worker'])).code, 2)
  const waiting = cli.ok('wait', 'worker')
  t.is(await cli.ok('stop', 'worker'), 'worker')
  t.is(await waiting, '3')
  t.regex(await cli.ok('ps', '-a', '--format', '{{.Status}}'), /^Exited \(3\)/)
  t.regex(await cli.ok('ps', '-a', '--format', '{{.Created}}'), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/)
  t.is((await cli.run(['exec', 'worker', 'true'])).code, 255)
  t.is((await cli.run(['restart', '--running'])).code, 125)
  t.is(await cli.ok('start', 'worker'), 'worker')
  t.is(await cli.ok('kill', '--signal', 'KILL', 'worker'), 'worker')
  t.is(await cli.ok('wait', 'worker'), '137')
  t.is(await cli.ok('rm', 'worker'), 'worker')
  t.is((await cli.run(['inspect', 'worker'])).code, 125)
})

test('logs -f ends with the container and has every line', async t => {
  const cli = await openCliWithBusybox(t, 'logs')
  await cli.ok(
    'run',
    '-d',
    '--name',
    'talker',
    '--network',
    'none',
    busybox,
    'sh',
    '-c',
    'for i in 1 2 3 4 5; do echo line $i; sleep 0.1; done',
  )
  t.is(await cli.ok('logs', '-f', 'talker'), 'line 1\nline 2\nline 3\nline 4\nline 5')
  t.is(await cli.ok('logs', '--tail', '2', 'talker'), 'line 4\nline 5')
})

test('create and start --attach; two containers of one name are refused', async t => {
  const cli = await openCliWithBusybox(t, 'create')
  const id = await cli.ok('create', '--name', 'one', '--network', 'none', busybox, 'echo', 'attached')
  t.is(await cli.ok('start', '--attach', 'one'), 'attached')
  const again = await cli.run(['create', '--name', 'one', busybox])
  t.is(again.code, 125)
  t.regex(again.stderr, new RegExp(`the container name "one" is already in use by "?${id}`))
  t.is(await cli.ok('inspect', '--format', '{{.State.ExitCode}} {{.Name}}', 'one'), '0 one')
})

test('the default bridge: an address, names, and a published port', async t => {
  const cli = await openCliWithBusybox(t, 'bridge')
  const port = await freePort()
  await cli.ok(
    'run',
    '-d',
    '--name',
    'web',
    '-p',
    `127.0.0.1:${port}:80`,
    busybox,
    'sh',
    '-c',
    'echo served >/index.html; exec httpd -f -p 80 -h /',
  )
  t.is(await cli.ok('port', 'web'), `80/tcp -> 127.0.0.1:${port}`)
  const address = await cli.ok('inspect', '--format', '{{.NetworkSettings.IPAddress}}', 'web')
  t.regex(address, /^10\.88\.\d+\.\d+$/)
  let served: string | undefined
  for (let tries = 0; tries < 50 && served === undefined; tries++) {
    served = await fetch(`http://127.0.0.1:${port}/index.html`).then(
      reply => reply.text(),
      () => undefined,
    )
    if (served === undefined) await new Promise(resolve => setTimeout(resolve, 100))
  }
  t.is(served, 'served\n')
  t.regex(await cli.ok('exec', 'web', 'cat', '/etc/hosts'), new RegExp(`${address.replaceAll('.', '\\.')}\\s.*web`))
  await cli.ok('rm', '-f', '-t', '0', 'web')
  await t.throwsAsync(fetch(`http://127.0.0.1:${port}/index.html`))
})

test('the host network is the host network', async t => {
  const cli = await openCliWithBusybox(t, 'host')
  const links = await cli.ok('run', '--rm', '--network', 'host', busybox, 'cat', '/proc/net/dev')
  const ours = await readFile('/proc/net/dev', 'utf8')
  t.deepEqual(
    names(links).filter(name => name === 'lo' || name.startsWith('eth')),
    names(ours).filter(name => name === 'lo' || name.startsWith('eth')),
  )
})

const names = (table: string): string[] => [...table.matchAll(/^\s*(\S+):/gm)].map(match => match[1] ?? '').sort()

test('sixteen at once all run and leave nothing', async t => {
  const cli = await openCliWithBusybox(t, 'sixteen')
  const said = await Promise.all(
    Array.from({ length: 16 }, (_, index) => cli.ok(...quick, busybox, 'echo', `number ${index}`)),
  )
  t.deepEqual(
    said,
    Array.from({ length: 16 }, (_, index) => `number ${index}`),
  )
  t.is(await cli.ok('ps', '--all', '--quiet'), '')
})

test('a user namespace joined by its path has a network of its own in it, and /sys of that', async t => {
  const cli = await openCliWithBusybox(t, 'userns-path')
  const look = 'readlink /proc/self/ns/user; cat /proc/self/uid_map; test -d /sys/class/net/eth0 && echo plugged'
  await cli.ok('run', '--detach', '--name', 'holder', '--userns', 'keep-id', busybox, 'sleep', '1000')
  const held = await cli.ok('exec', 'holder', 'sh', '-c', look)
  t.regex(held, /^user:\[\d+\]\n.*\nplugged$/)
  t.not(held.split('\n')[0], await readlink('/proc/self/ns/user'))
  const path = `/proc/${await cli.ok('inspect', '--format', '{{.State.Pid}}', 'holder')}/ns/user`
  t.is(await cli.ok('run', '--rm', '--userns', `ns:${path}`, busybox, 'sh', '-c', look), held)
  await cli.ok('rm', '--force', '--time', '0', 'holder')
})
