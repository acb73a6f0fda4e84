import test from 'ava'
import { image, openTestEngine } from './engine.ts'

const network = { mode: { kind: 'none' } } as const
const script = (text: string) => ({ command: ['sh', '-c', text], stopTimeout: 0 })

test('ready: a port that something listens on, a line of the log', async t => {
  const engine = await openTestEngine(t, 'ready')
  const text = 'echo starting; echo ready to serve; exec httpd -f -p 8080 -h /'
  await using container = await engine.containers.run({ image, network, process: script(text) })
  container.stdout.resume()
  await container.ready({ log: 'ready to' })
  await container.ready({ log: /^starting$/ })
  await container.ready({ port: 8080 })
  t.pass()
})

test('ready: an answer over HTTP at the address of the host, with the status that is wanted', async t => {
  const engine = await openTestEngine(t, 'ready-http')
  const port = 20_000 + (process.pid % 10_000)
  const text = `mkdir /www; echo hello >/www/index.html; exec httpd -f -p 127.0.0.1:${port} -h /www`
  const host = { mode: { kind: 'host' } } as const
  await using container = await engine.containers.run({ image, network: host, process: script(text) })
  await container.ready({ http: { port } })
  await container.ready({ http: { port, path: '/none', status: 404 } })
  t.pass()
})

test('ready: a health check', async t => {
  const engine = await openTestEngine(t, 'ready-health')
  const health = { test: ['CMD', 'test', '-e', '/up'], interval: 0 } as const
  await using container = await engine.containers.run({
    image,
    network,
    health,
    process: script('touch /up; exec sleep 1000'),
  })
  const waiting = container.ready({ health: 'healthy' })
  while ((await engine.containers.runHealthCheck(container.id)) !== 'healthy');
  await waiting
  t.pass()
})

test('ready: never, when the container ends before or the caller has had enough', async t => {
  const engine = await openTestEngine(t, 'not-ready')
  await using short = await engine.containers.run({ image, network, process: script('exit 3') })
  await t.throwsAsync(short.ready({ port: 80 }), { code: 'CONTAINER_STATE', message: /ended before it was ready/ })
  await using long = await engine.containers.run({ image, network, process: script('sleep 1000') })
  const reason = new Error('enough')
  await t.throwsAsync(long.ready({ log: 'never' }, { signal: AbortSignal.abort(reason) }), { is: reason })
  const controller = new AbortController()
  const waiting = long.ready({ port: 1 }, { signal: controller.signal })
  controller.abort(reason)
  await t.throwsAsync(waiting, { is: reason })
  await t.throwsAsync(long.ready({ http: { port: 80 } }), { code: 'SPEC_INVALID', message: /cannot be reached/ })
})
