import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { image, network, openTestEngine, printed, setVariable, sleeper } from './engine.ts'

test('an IPC namespace is shared only when its owner lets it, under its id', async t => {
  const engine = await openTestEngine(t, 'ipc')
  const start = async (ipc: { readonly kind: 'private' | 'shareable' | 'none' | 'host' }, name: string) => {
    const { id } = await engine.containers.create({ ...sleeper, name, security: { namespaces: { ipc } } })
    await engine.containers.start(id)
    return id
  }
  const join_ = (container: string) => ({
    security: { namespaces: { ipc: { kind: 'container' as const, container } } },
  })
  const look = 'readlink /proc/self/ns/ipc'
  await start({ kind: 'private' }, 'private')
  await t.throwsAsync(printed(engine, look, join_('private')), { message: /is not allowed: non-shareable IPC/ })
  await start({ kind: 'shareable' }, 'open')
  t.is(
    await printed(engine, `${look}; echo 1 >/dev/shm/mark`, join_('open')),
    await printed(engine, look, join_('open')),
  )
  t.is(await printed(engine, 'cat /dev/shm/mark', join_('open')), '1', 'and so is /dev/shm')
  await start({ kind: 'host' }, 'hosts')
  t.is(await printed(engine, look, join_('hosts')), readlinkSync('/proc/self/ns/ipc'))
  const none = { security: { namespaces: { ipc: { kind: 'none' as const } } } }
  t.is(await printed(engine, 'ls -d /dev/shm || true', none), '')
})

test('a user namespace: ids of the host, a network of its own', async t => {
  const engine = await openTestEngine(t, 'userns')
  const idMappings = {
    uids: [{ containerId: 0, hostId: 200_000, size: 2000 }],
    gids: [{ containerId: 0, hostId: 300_000, size: 2000 }],
  }
  const look = 'cat /proc/self/uid_map /proc/self/gid_map | tr -s " "; id -u; ls -d /sys/class/net/lo'
  const seen = await printed(engine, look, { security: { idMappings } })
  t.deepEqual(
    seen.split('\n').map(line => line.trim()),
    ['0 200000 2000', '0 300000 2000', '0', '/sys/class/net/lo'],
  )
  const owners = 'stat -c %u:%g / /bin/sh /etc/hosts; touch /new; stat -c %u:%g /new; mkdir -p /etc/x; echo ok'
  t.is(await printed(engine, owners, { security: { idMappings } }), '0:0\n0:0\n0:0\n0:0\nok', 'root owns its files')
  const bridged = { security: { idMappings }, network: { mode: { kind: 'bridge' as const, networks: [{ name: '' }] } } }
  t.regex(await printed(engine, 'cat /proc/net/dev; grep $HOSTNAME /etc/hosts', bridged), /eth0:[\s\S]*10\./)
})

test('keep-id gives root its own ids in a user namespace, nomap is for others', async t => {
  const engine = await openTestEngine(t, 'userns')
  const own = readlinkSync('/proc/self/ns/user')
  const keep = { security: { namespaces: { user: { kind: 'keep-id', uid: 7, gid: 8 } } } } as const
  const seen = await printed(engine, 'id -u; id -g; readlink /proc/self/ns/user; ls -d /sys/class/net/lo', keep)
  t.regex(seen, /^7\n8\nuser:.*\n\/sys\/class\/net\/lo$/)
  t.false(seen.includes(own))
  const refused = printed(engine, 'true', { security: { namespaces: { user: { kind: 'nomap' } } } })
  await t.throwsAsync(refused, { message: 'nomap is only supported in rootless mode' })
})

test('hook directories: before, by the runtime, and after; nothing of our environment goes with them', async t => {
  const engine = await openTestEngine(t, 'hooks')
  const directory = await tempDir(t, 'hooks.d')
  const at = (name: string) => join(directory, name)
  const script = (name: string, body: string) => {
    writeFileSync(at(name), `#!/bin/sh\n${body}\n`)
    chmodSync(at(name), 0o755)
    return at(name)
  }
  const hook = (name: string, path: string, stage: string, when: object) =>
    writeFileSync(at(name), JSON.stringify({ version: '1.0.0', hook: { path }, when, stages: [stage] }))
  const annotate = script('annotate', `env >${at('env')}; sed 's/"hostname":"[^"]*"/"hostname":"hooked"/'`)
  hook('1.json', annotate, 'precreate', { annotations: { '^wanted$': 'yes' } })
  hook('2.json', script('state', `cat >${at('prestart')}`), 'prestart', { commands: ['sh$'] })
  hook('3.json', script('last', `cat >${at('poststop')}`), 'poststop', { always: true })
  hook('4.json', script('never', `touch ${at('ran')}`), 'prestart', { always: true, hasBindMounts: true })
  const annotations = { wanted: 'yes' }
  t.is(await printed(engine, 'hostname', { annotations, hookDirs: [directory] }), 'hooked')
  t.regex(JSON.parse(readFileSync(at('prestart'), 'utf8')).status, /^creat/)
  const last = JSON.parse(readFileSync(at('poststop'), 'utf8'))
  t.deepEqual([last.status, last.annotations], ['stopped', annotations])
  t.false(existsSync(at('ran')))
  const names = readFileSync(at('env'), 'utf8')
    .split('\n')
    .map(line => line.split('=')[0])
  t.deepEqual(
    names.filter(name => !['PWD', 'SHLVL', '_', ''].includes(name ?? '')),
    [],
  )
  t.not(await printed(engine, 'hostname', { hookDirs: [directory] }), 'hooked', 'the annotation is the condition')
  hook('5.json', script('fails', 'echo no luck >&2; exit 3'), 'precreate', { always: true })
  await t.throwsAsync(printed(engine, 'true', { hookDirs: [directory] }), { message: /no luck/ })
  chmodSync(at('5.json'), 0o666)
  await t.throwsAsync(printed(engine, 'true', { hookDirs: [directory] }), { message: /anyone may write/ })
})

test('CDI devices bring what their file says; the image cannot ask for one', async t => {
  const directory = await tempDir(t, 'cdi')
  mkdirSync(join(directory, 'cdi'))
  const conf = join(directory, 'containers.conf')
  writeFileSync(conf, `[engine]\ncdi_spec_dirs = ["${directory}/cdi"]\n`)
  writeFileSync(
    join(directory, 'cdi/vendor.yaml'),
    [
      'cdiVersion: "0.6.0"',
      'kind: vendor.com/thing',
      'devices:',
      '- name: one',
      '  containerEdits:',
      '    env: [THING=1]',
    ]
      .concat(['    deviceNodes: [{path: /dev/thing, hostPath: /dev/null}]'])
      .concat([`    mounts: [{hostPath: ${directory}, containerPath: /thing, options: [ro, rbind]}]`])
      .join('\n'),
  )
  writeFileSync(join(directory, 'cdi/broken.json'), '{')
  setVariable(t, 'CONTAINERS_CONF', conf)
  const engine = await openTestEngine(t, 'cdi-engine')
  const devices = [{ hostPath: 'vendor.com/thing=one' }]
  const script = 'echo $THING; stat -c %t:%T /dev/thing; ls /thing'
  t.is(await printed(engine, script, { security: { devices } }), '1\n1:3\ncdi\ncontainers.conf')
  const unknown = printed(engine, 'true', { security: { devices: [{ hostPath: 'vendor.com/thing=two' }] } })
  await t.throwsAsync(unknown, { message: /unresolvable CDI device/ })
  await t.throwsAsync(printed(engine, 'true', { security: { gpus: ['all'] } }), { message: /nvidia.com\/gpu=all/ })
})

test('systemd mode follows the program; limits can be those of the host', async t => {
  const engine = await openTestEngine(t, 'modes')
  const stopSignal = async (name: string) => {
    const { Config } = (await engine.containers.inspect(name)) as unknown as {
      readonly Config: { readonly StopSignal: string }
    }
    return Config.StopSignal
  }
  const { id } = await engine.containers.create({ image, network, process: { command: ['/sbin/init'] } })
  t.is(await stopSignal(id), 'SIGRTMIN+3')
  const other = await engine.containers.create({
    image,
    network,
    systemd: 'never',
    process: { command: ['/sbin/init'] },
  })
  t.is(await stopSignal(other.id), 'SIGTERM')
  const limits = (flag: string) =>
    readFileSync('/proc/self/limits', 'utf8').match(new RegExp(`^${flag} +(\\S+)`, 'm'))?.[1] ?? ''
  const rlimits = [{ type: 'host', soft: 0, hard: 0 }]
  t.is(await printed(engine, 'ulimit -Sn', { process: { rlimits } }), limits('Max open files'))
})

test('containers of a pod share its user namespace', async t => {
  const engine = await openTestEngine(t, 'pod-userns')
  const idMappings = {
    uids: [{ containerId: 0, hostId: 200_000, size: 2000 }],
    gids: [{ containerId: 0, hostId: 200_000, size: 2000 }],
  }
  const { id } = await engine.pods.create({
    name: 'mapped',
    security: { idMappings },
    network: { mode: { kind: 'none' } },
  })
  t.teardown(() => engine.pods.remove(id, { running: 'kill', timeout: 0 }).then(() => {}))
  const look = 'readlink /proc/self/ns/user; stat -c %u /bin/sh; tr -s " " </proc/self/uid_map'
  const process = { command: ['sh', '-c', look] }
  const seen = async () => {
    await using container = await engine.containers.run({ image, pod: 'mapped', process })
    return await text(container.stdout)
  }
  const [one, other] = [await seen(), await seen()]
  t.regex(one, /^user:.*\n0\n ?0 200000 2000\n$/)
  t.is(one, other)
})
