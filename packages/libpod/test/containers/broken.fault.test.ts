import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { forgetAttachment } from '@libpod/cni'
import { loadStoreOptions, openStore } from '@libpod/storage'
import { MNT_DETACH, umount } from '@libpod/syscall'
import { mountsBelow, output, processesAbout, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { endStrayPlugins } from '../../src/containers/strays.ts'
import { Engine } from '../../src/index.ts'
import { image, openTestEngine, sleeper } from './engine.ts'

/** Changes what the database says of a container, as only time, a boot or an attacker could. */
function rewrite(engine: Engine, id: string, change: (status: Record<string, unknown>) => void): void {
  using database = new DatabaseSync(join(engine.options.root, 'libpod-ts.db'))
  const row = database.prepare('SELECT status FROM container WHERE id = ?').get(id)
  const status: Record<string, unknown> = JSON.parse(String(row?.status))
  change(status)
  database.prepare('UPDATE container SET status = ? WHERE id = ?').run(JSON.stringify(status), id)
}

const statusOf = async (engine: Engine, id: string) =>
  (await engine.containers.list({ which: 'all' })).find(one => one.id === id)

test('a pid that was used again is never signalled, for the container and for a session in it', async t => {
  const engine = await openTestEngine(t, 'reused')
  const { id } = await engine.containers.create(sleeper)
  await engine.containers.start(id)
  rewrite(engine, id, status => {
    status.process = { ...(status.process as object), pid: process.pid }
  })
  t.is((await statusOf(engine, id))?.state, 'stopped')
  await t.throwsAsync(engine.containers.kill(id, 'KILL'), { code: 'CONTAINER_STATE' })
  t.is(await engine.containers.stop(id), 'already-stopped')
  using database = new DatabaseSync(join(engine.options.root, 'libpod-ts.db'))
  const session = { id: 'f'.repeat(64), container: id, spec: { command: ['x'] }, pid: process.pid }
  database.prepare('INSERT INTO exec_session VALUES (?, ?, ?)').run(session.id, id, JSON.stringify(session))
  await engine.containers.remove(id, { running: 'kill' })
  t.pass('and this process is still here')
})

test('a boot in between: what ran has ended, nobody knows how, and starts again', async t => {
  const engine = await openTestEngine(t, 'boot')
  const { id } = await engine.containers.create({ ...sleeper, restart: { name: 'always' } })
  await engine.containers.start(id)
  rewrite(engine, id, status => {
    for (const key of ['process', 'monitor']) status[key] = { ...(status[key] as object), bootId: 'another boot' }
  })
  t.like(await statusOf(engine, id), { state: 'stopped', exitCode: -1 })
  t.is((await engine.containers.wait(id)).code, -1)
  const toStart = await engine.containers.list({ which: 'all', filters: { 'should-start-on-boot': ['true'] } })
  t.deepEqual(
    toStart.map(one => one.id),
    [id],
  )
  await engine.containers.start(id)
  t.is((await statusOf(engine, id))?.state, 'running')
  await engine.containers.stop(id)
  t.is((await statusOf(engine, id))?.state, 'exited')
})

test('a monitor that is killed: the container runs on, can be stopped, and its end is unknown', async t => {
  const engine = await openTestEngine(t, 'monitor')
  const { id } = await engine.containers.create(sleeper)
  await engine.containers.start(id)
  const killMonitor = async (): Promise<void> => {
    const { State } = (await engine.containers.inspect(id)) as unknown as { State: { ConmonPid: number } }
    process.kill(State.ConmonPid, 'SIGKILL')
  }
  await killMonitor()
  t.is((await statusOf(engine, id))?.state, 'running')
  await t.throwsAsync(engine.containers.stop(id), {
    code: 'MONITOR_FAILED',
    message: `container ${id} conmon exited prematurely, exit code could not be retrieved: conmon process killed`,
  })
  t.like(await statusOf(engine, id), { state: 'exited', exitCode: -1 })
  t.like(await engine.containers.inspect(id), { State: { Status: 'exited', ExitCode: -1 } })
  await engine.containers.start(id)
  t.is((await statusOf(engine, id))?.state, 'running')
  await killMonitor()
  await engine.containers.kill(id, 'KILL')
  t.is((await engine.containers.inspect(id)).State.Status, 'exited')
  await engine.containers.start(id)
  t.is(await engine.containers.stop(id), 'stopped')
})

test('a runtime that went bad: starting says why and leaves nothing, removing works by force', async t => {
  const engine = await openTestEngine(t, 'bad')
  const runtime = join(await tempDir(t, 'runtime'), 'bad')
  const behave = async (script: string): Promise<void> => {
    await writeFile(`${runtime}.new`, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    await chmod(`${runtime}.new`, 0o755)
    const { renameSync } = await import('node:fs')
    renameSync(`${runtime}.new`, runtime)
  }
  const good = `exec ${engine.options.runtime} "$@"`
  await behave(good)
  await using other = await Engine.open({
    root: engine.options.root,
    runRoot: engine.options.runRoot,
    tmpDir: engine.options.tmpDir,
    eventsBackend: 'file',
    runtime,
  })
  const { id } = await other.containers.create(sleeper)
  // What the bad one does not remove: its state, and the control groups.
  t.teardown(async () => void (await output(engine.options.runtime, ['delete', '--force', id])))
  await behave(`case "$*" in *start*) echo "no start today" >&2; exit 1;; esac; ${good}`)
  await t.throwsAsync(other.containers.start(id), { code: 'RUNTIME_FAILED', message: /no start today/ })
  t.is((await statusOf(other, id))?.state, 'exited')
  t.deepEqual(await mountsBelow(join(engine.options.root, 'overlay-containers')), [])
  await behave(`case "$*" in *start*) echo "no start today" >&2; exit 1;; *delete*) exit 0;; esac; ${good}`)
  await t.throwsAsync(other.containers.start(id), { code: 'RUNTIME_FAILED' })
  while ((await processesAbout(engine.options.root)).length > 0) await delay(50)
  await output(engine.options.runtime, ['delete', '--force', id])
  await behave(good)
  await other.containers.start(id)
  await behave(`case "$*" in *delete*) echo "no delete today" >&2; exit 1;; esac; ${good}`)
  const warnings: string[] = []
  await other.containers.remove(id, { running: 'kill', timeout: 0, onWarning: text => void warnings.push(text) })
  t.regex(warnings.join('\n'), /no delete today/)
  t.deepEqual(await other.containers.list({ which: 'all' }), [])
})

test('a network whose plugin is gone: a removal by force says so, and no namespace stays', async t => {
  const engine = await openTestEngine(t, 'unpluggable')
  const name = `broken${process.pid}`
  const bridge = `brk${process.pid % 100_000}`
  await engine.networks.create({ name, subnets: [{ subnet: '10.143.79.0/24' }], interface: bridge })
  t.teardown(() => engine.networks.remove(name))
  const { id } = await engine.containers.create({
    ...sleeper,
    network: { mode: { kind: 'bridge', networks: [{ name }] } },
  })
  await engine.containers.start(id)
  const { NetworkSettings } = (await engine.containers.inspect(id)) as unknown as {
    NetworkSettings: { SandboxKey: string }
  }
  t.true(existsSync(NetworkSettings.SandboxKey))
  const file = join(engine.options.networkConfigDir, `${name}.conflist`)
  const conflist = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...conflist, plugins: [...conflist.plugins, { type: 'no-such-plugin' }] }))
  t.teardown(() => forgetAttachment('/var/lib/cni', name, { containerId: id, ifName: 'eth0' }))
  const warnings: string[] = []
  await engine.containers.remove(id, { running: 'kill', timeout: 0, onWarning: text => void warnings.push(text) })
  t.regex(warnings.join('\n'), /no-such-plugin/)
  t.false(existsSync(NetworkSettings.SandboxKey))
})

test('an engine killed between making a namespace’s file and pinning it, or between unpinning and removing: no plugin complains', async t => {
  const engine = await openTestEngine(t, 'half-pinned')
  const { id } = await engine.containers.create({ image, process: sleeper.process })
  await engine.containers.start(id)
  const { NetworkSettings } = (await engine.containers.inspect(id)) as unknown as {
    NetworkSettings: { SandboxKey: string }
  }
  umount(NetworkSettings.SandboxKey, MNT_DETACH)
  const warnings: string[] = []
  await engine.containers.remove(id, { running: 'kill', timeout: 0, onWarning: text => void warnings.push(text) })
  t.deepEqual(warnings, [])
  t.false(existsSync(NetworkSettings.SandboxKey))
})

test('plugins of an engine that is no more are ended, of this container alone', async t => {
  const directory = await tempDir(t, 'plugins')
  const plugin = join(directory, 'bridge')
  await copyFile('/bin/sleep', plugin)
  const start = (id: string, program = plugin) => {
    const child = spawn(program, ['1000'], { env: { CNI_CONTAINERID: id } })
    t.teardown(() => void child.kill())
    return once(child, 'spawn').then(() => child)
  }
  const [mine, others, server] = [
    await start('a'.repeat(64)),
    await start('b'.repeat(64)),
    await start('a'.repeat(64), '/bin/sleep'),
  ]
  const ended = once(mine, 'exit')
  t.is(endStrayPlugins([`${directory}/`], 'a'.repeat(64)), 'some')
  t.deepEqual(await ended, [null, 'SIGKILL'])
  t.deepEqual([others.exitCode, others.signalCode, server.exitCode, server.signalCode], [null, null, null, null])
  t.is(endStrayPlugins([directory], 'a'.repeat(64)), 'none')
})

test('a removal that was cut off after the layer was gone ends without force', async t => {
  const engine = await openTestEngine(t, 'layerless')
  const { id } = await engine.containers.create({ ...sleeper, security: { namespaces: { ipc: { kind: 'host' } } } })
  await engine.containers.init(id)
  const { root, runRoot } = engine.options
  await using store = await openStore(loadStoreOptions({ graphRoot: root, runRoot, driver: 'overlay' }))
  await store.containers.remove(id as never)
  await engine.containers.remove(id)
  t.deepEqual(await engine.containers.list({ which: 'all', external: 'yes' }), [])
})

test('one creation tells the next nothing; names of prototypes are names', async t => {
  const engine = await openTestEngine(t, 'hostile')
  const labels = JSON.parse('{"__proto__":"x","constructor":"y"}')
  const first = await engine.containers.create({
    ...sleeper,
    labels,
    process: { ...sleeper.process, env: JSON.parse('{"__proto__":"1","SECRET":"of the first"}') },
  })
  const second = await engine.containers.create({ image, network: sleeper.network, process: { command: ['true'] } })
  const configOf = async (id: string) =>
    ((await engine.containers.inspect(id)) as unknown as { Config: { Env: string[]; Labels: object } }).Config
  t.deepEqual(Object.keys((await configOf(first.id)).Labels), ['__proto__', 'constructor'])
  t.true((await configOf(first.id)).Env.includes('__proto__=1'))
  t.false((await configOf(second.id)).Env.some(line => line.includes('SECRET')))
  t.is(({} as { readonly x?: unknown }).x, undefined)
  for (const name of ['', '../../x', 'a b', '-x', 'x\n', '\u001b]0;x', '.', 'x/y'])
    await t.throwsAsync(engine.containers.rename(first.id, name), { code: 'NAME_INVALID' }, JSON.stringify(name))
})

test('top runs nothing of the container, whatever its programs are called', async t => {
  const engine = await openTestEngine(t, 'top')
  const { id } = await engine.containers.create(sleeper)
  await engine.containers.start(id)
  const script =
    'for name in ps top nsenter sh; do rm /bin/$name; printf "#!/bin/busybox sh\\necho ran >/ran\\n" >/bin/$name; chmod 755 /bin/$name; done'
  await using session = await engine.containers.exec(id, { command: ['busybox', 'sh', '-c', script] })
  session.stdout.resume()
  session.stderr.resume()
  await session.ended
  t.deepEqual((await engine.containers.top(id, ['pid', 'comm'])).slice(0, 2), [
    ['PID', 'COMMAND'],
    ['1', 'sleep'],
  ])
  t.deepEqual((await engine.containers.top(id, ['-eo', 'pid,comm'])).slice(0, 2), [
    ['PID', 'COMMAND'],
    ['1', 'sleep'],
  ])
  await t.throwsAsync(engine.containers.stat(id, '/ran'), { code: 'FILE_UNKNOWN' })
})
