import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { busyboxTar, hostCanary, tempDir } from '@libpod/test-kit'
import test from 'ava'
import type { Engine, ExecSpec } from '../../src/index.ts'
import { image, openTestEngine, sleeper } from './engine.ts'

const network = { mode: { kind: 'none' } } as const

async function executed(engine: Engine, name: string, spec: ExecSpec): Promise<string> {
  await using session = await engine.containers.exec(name, spec)
  const [out, error, end] = await Promise.all([text(session.stdout), text(session.stderr), session.ended])
  const code = end.how === 'detached' ? 0 : end.code
  return code === 0 ? out.trim() : `${code}: ${error.trim()}`
}

const sh = (script: string) => ['sh', '-c', script]

// CVE-2026-30892, CVE-2024-40635, CVE-2022-27649
test('exec: users are numbers by the time the runtime sees them, capabilities are not inherited', async t => {
  const engine = await openTestEngine(t, 'exec-users')
  const { id } = await engine.containers.create(sleeper)
  await engine.containers.start(id)
  const ids = {
    '1': '1:1',
    '1:0': '1:0',
    '0': '0:0',
    root: '0:0',
    guest: '1000:1000',
    'guest:extra': '1000:1001',
    '77': '77:0',
  }
  for (const [user, expected] of Object.entries(ids))
    t.is(await executed(engine, id, { user, command: sh('echo $(id -u):$(id -g)') }), expected, user)
  for (const user of ['4294967296', '2147483648', '-1', '1e3', '0x0', ' 0', 'nobody-here'])
    await t.throwsAsync(engine.containers.exec(id, { user, command: ['true'] }), undefined, user)
  const sets = (spec: Partial<ExecSpec>) =>
    executed(engine, id, {
      ...spec,
      command: sh("awk '/^Cap(Inh|Eff|Amb)/{print $2}' /proc/self/status | tr '\\n' ' '"),
    })
  const none = '0000000000000000'
  t.regex(await sets({}), new RegExp(`^${none} [0-9a-f]*[1-9a-f][0-9a-f]* ${none}$`))
  t.is(await sets({ user: 'guest' }), `${none} ${none} ${none}`)
  t.regex(await sets({ privileged: 'yes' }), new RegExp(`^${none} `))
  const workdirs = ['/proc/self/fd/7', '/proc/1/fd/8', '//proc/self/fd/3/../..']
  for (const workdir of workdirs) {
    const seen = await executed(engine, id, { workdir, command: ['pwd'] }).catch(
      (error: Error) => `refused: ${error.message}`,
    )
    t.regex(seen, /refused|no such file|chdir/i, workdir)
  }
})

// CVE-2026-53488, CVE-2025-24965: what an image says of itself switches nothing.
test('labels and annotations of an image are data', async t => {
  const engine = await openTestEngine(t, 'labels')
  const canary = await hostCanary(await tempDir(t, 'canary'))
  const switches = [
    'io.podman.annotations.privileged=TRUE',
    'io.podman.annotations.seccomp=unconfined',
    'io.containers.seccomp.profile={}',
    'run.oci.handler=krun',
    'run.oci.hooks.stderr=/dev/stderr',
    'io.podman.annotations.autoremove=TRUE',
    `PODMAN_SYSTEMD_UNIT=${canary.path}`,
    '__proto__=x',
  ]
  const directory = await tempDir(t, 'labelled')
  const name = 'localhost/labelled:1'
  await engine.images.import(await busyboxTar(directory), {
    name,
    changes: ['ENV PATH=/bin', ...switches.map(one => `LABEL ${one}`)],
  })
  const { id } = await engine.containers.create({ ...sleeper, image: name })
  await engine.containers.start(id)
  const status = await executed(engine, id, {
    command: sh('grep -E "^(Seccomp|CapEff):" /proc/1/status; echo $PODMAN_SYSTEMD_UNIT'),
  })
  t.regex(status, /Seccomp:\s*2/)
  t.false(status.includes('000001ffffffffff'))
  t.true(await canary.isUnharmed())
  const { labels } = (await engine.images.lookup(name)).config
  t.is(labels['run.oci.handler'], 'krun', 'they are labels all the same')
  t.is(({} as { x?: unknown }).x, undefined)
})

// A runtime, and what it starts, must not see what this process was given.
test('the runtime gets no environment of ours', async t => {
  const directory = await tempDir(t, 'runtime')
  const seen = join(directory, 'seen')
  const runtime = join(directory, 'runc')
  writeFileSync(runtime, `#!/bin/sh\ntr '\\0' '\\n' </proc/self/environ >>${seen}\nexec /usr/sbin/runc "$@"\n`)
  chmodSync(runtime, 0o755)
  process.env.LIBPOD_TEST_TOKEN = 'secret'
  process.env.NODE_OPTIONS_OF_TEST = 'x'
  t.teardown(() => {
    delete process.env.LIBPOD_TEST_TOKEN
    delete process.env.NODE_OPTIONS_OF_TEST
  })
  const engine = await openTestEngine(t, 'environment', { runtime })
  await using container = await engine.containers.run({ image, network, process: { command: ['true'] } })
  container.stdout.resume()
  t.is(await container.exited, 0)
  const text_ = readFileSync(seen, 'utf8')
  t.regex(text_, /PATH=/)
  t.notRegex(text_, /LIBPOD_TEST_TOKEN|NODE_OPTIONS_OF_TEST|LD_PRELOAD/)
})

// CVE-2021-30465: a container that swaps the mount point of another for a link.
test('a mount point that is swapped for a link of another container leads nowhere on the host', async t => {
  const engine = await openTestEngine(t, 'swap')
  const outside = await tempDir(t, 'outside')
  const canary = await hostCanary(outside)
  const source = await tempDir(t, 'source')
  mkdirSync(join(source, 'inner'))
  writeFileSync(join(source, 'inner/mark'), 'mounted')
  const shared = { kind: 'volume' as const, name: 'shared', destination: '/shared', options: [] }
  const script = `mkdir -p /shared/a; while :; do mv /shared/a /shared/b; ln -s ${outside} /shared/a; rm /shared/a; mv /shared/b /shared/a; done`
  const racer = await engine.containers.create({
    ...sleeper,
    process: { command: sh(script), stopTimeout: 0 },
    mounts: { mounts: [shared] },
  })
  await engine.containers.start(racer.id)
  const inner = { kind: 'bind' as const, source: join(source, 'inner'), destination: '/shared/a/point', options: [] }
  for (let tries = 0; tries < 8; tries++) {
    const spec = { image, network, process: { command: sh('cat /shared/a/point/mark 2>/dev/null || true') } }
    await engine.containers
      .run({ ...spec, mounts: { mounts: [shared, inner] } })
      .then(async container => {
        await using ended = container
        ended.stdout.resume()
        await ended.exited
      })
      .catch(() => {}) // the runtime may have met the link, and refused it
  }
  await engine.containers.kill(racer.id, 'KILL')
  t.true(await canary.isUnharmed())
})
