import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { plainEnvironment } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

const receiver = `import socket,sys
s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM); s.bind(sys.argv[1]); print('up',flush=True)
while True: print(repr(s.recv(4096).decode()),flush=True)`

/** A service manager that listens: gives the socket's path, and what it hears, one datagram each time. */
async function manager(t: ExecutionContext, cli: Cli) {
  const socket = join(cli.directory, 'notify.sock')
  const child = spawn('python3', ['-c', receiver, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(async () => {
    child.kill()
    await once(child, 'exit')
  })
  const said = child.stdout.setEncoding('utf8')
  const lines: string[] = []
  let begun = ''
  said.on('data', (text: string) => {
    const parts = (begun + text).split('\n')
    begun = parts.pop() ?? ''
    lines.push(...parts)
  })
  const next = async (): Promise<string> => {
    while (lines.length === 0) await once(said, 'data')
    return lines.shift() ?? ''
  }
  t.is(await next(), 'up')
  const env = { ...plainEnvironment, NOTIFY_SOCKET: socket }
  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await cli.run(args, { env })
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`)
    return stdout.trim()
  }
  return { socket, next, lines, ok, env }
}

const conmonOf = (line: string): number => Number(/^'MAINPID=(\d+)/.exec(line)?.[1])

test('sdnotify: conmon is the service and ready as soon as the container runs; with ignore nobody hears anything', async t => {
  const cli = await openCliWithBusybox(t, 'notify-conmon')
  const { socket, next, lines, ok } = await manager(t, cli)
  const script = 'env | grep NOTIFY; sleep 1000'
  const run = ['run', '--detach', '--network', 'none', '--stop-timeout', '0']
  await ok(...run, '--name', 'quiet', '--sdnotify', 'ignore', busybox, 'sh', '-c', script)
  t.deepEqual(lines, [])
  await ok(...run, '--name', 'loud', '--sdnotify', 'conmon', busybox, 'sh', '-c', script)
  const line = await next()
  t.regex(line, /^'MAINPID=\d+\\nREADY=1'$/)
  t.regex(await readlink(`/proc/${conmonOf(line)}/exe`), /\/conmon$/)
  t.is(await ok('logs', 'quiet'), '')
  t.is(await ok('logs', 'loud'), '')
  const both = '{{.Config.SdNotifyMode}} {{.Config.SdNotifySocket}}'
  t.is(await ok('container', 'inspect', '--format', both, 'quiet', 'loud'), `ignore \nconmon ${socket}`)
})

test('sdnotify: the container says itself that it is ready, through conmon', async t => {
  const cli = await openCliWithBusybox(t, 'notify-container')
  const { next, ok } = await manager(t, cli)
  const programs = ['/usr', '/lib', '/lib64'].flatMap(path => ['--volume', `${path}:${path}:ro`])
  const script = 'echo $NOTIFY_SOCKET; printf "READY=1\\n" | /usr/bin/socat - unix-sendto:$NOTIFY_SOCKET; sleep 1000'
  const options = ['--network', 'none', '--stop-timeout', '0', ...programs]
  await ok('run', '--detach', '--name', 'says', ...options, busybox, '/bin/sh', '-c', script)
  const heard = [await next(), await next()].join(' ')
  t.regex(heard, /MAINPID=\d+/)
  t.regex(heard, /READY=1/)
  t.is(await ok('logs', 'says'), '/run/notify/notify.sock')
  // Who only starts it is told too.
  await ok('stop', 'says')
  await ok('start', 'says')
  t.regex([await next(), await next()].join(' '), /MAINPID=\d+/)
})

test('sdnotify: a start takes until the container is healthy, and then the service is ready', async t => {
  const cli = await openCliWithBusybox(t, 'notify-healthy')
  const { next, lines, ok, env } = await manager(t, cli)
  const base = ['run', '--detach', '--network', 'none', '--stop-timeout', '0', '--sdnotify', 'healthy']
  const without = await cli.run([...base, busybox, 'true'], { env })
  t.like(without, { code: 125 })
  t.regex(without.stderr, /sdnotify policy "healthy" requires a healthcheck to be set/)
  const health = ['--health-cmd', 'test -e /well', '--health-interval', '1s', '--health-retries', '100']
  const started = ok(...base, ...health, '--name', 'slow', busybox, 'sleep', '1000')
  t.regex(await next(), /^'MAINPID=\d+'$/)
  t.deepEqual(lines, [])
  await cli.ok('exec', 'slow', 'touch', '/well')
  await started
  t.is(await next(), "'READY=1'")
  const ended = await cli.run([...base, ...health, '--name', 'ends', busybox, 'true'], { env })
  t.not(ended.code, 0)
  t.regex(ended.stderr, /container is stopped/)
})

test('of kube play systemd hears that its service container is the service, once all pods run', async t => {
  const cli = await openCliWithBusybox(t, 'notify-kube')
  const { next, ok, env, lines } = await manager(t, cli)
  const one = (name: string) => ({
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'c', image: busybox, command: ['sleep', '1000'] }] },
  })
  t.teardown(() => cli.run(['pod', 'rm', '--all', '--force', '--time', '0']))
  const input = [one('a'), one('b')].map(each => JSON.stringify(each)).join('\n---\n')
  const played = await cli.run(['kube', 'play', '--service-container', '--network', 'none', '-'], { env, input })
  t.is(played.code, 0, played.stderr)
  const conmon = conmonOf(await next())
  const services = (await ok('ps', '--format', '{{.Names}}')).split('\n').filter(name => name.endsWith('-service'))
  t.is(await ok('inspect', '--format', '{{.State.ConmonPid}}', ...services), String(conmon))
  t.deepEqual(lines, [])
})
