import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { packTree } from '@libpod/storage'
import { hostCanary, output, tempDir } from '@libpod/test-kit'
import test from 'ava'
import type { Engine } from '../../src/index.ts'
import { openTestEngine, sleeper } from './engine.ts'

async function inside(engine: Engine, name: string, script: string): Promise<string> {
  await using session = await engine.containers.exec(name, { command: ['sh', '-c', script] })
  session.stderr.resume()
  return (await text(session.stdout)).trim()
}

async function entries(tar: AsyncIterable<Uint8Array>): Promise<readonly string[]> {
  const listing = await output('tar', ['-t'], { input: Buffer.concat(await Array.fromAsync(tar)) })
  return listing.trim().split('\n')
}

for (const state of ['running', 'stopped'] as const) {
  test(`${state}: a tree goes in with the container's owner, through a volume, and comes out again`, async t => {
    const engine = await openTestEngine(t, state)
    const { id } = await engine.containers.create({
      ...sleeper,
      process: { ...sleeper.process, user: 'guest' },
      mounts: { mounts: [{ kind: 'volume', name: 'data', destination: '/data', options: [] }] },
    })
    if (state === 'running') await engine.containers.start(id)
    const tree = await tempDir(t, 'tree')
    mkdirSync(join(tree, 'deep'))
    writeFileSync(join(tree, 'deep/file'), 'text')
    symlinkSync('/etc/passwd', join(tree, 'link'))
    await engine.containers.copyIn(id, '/data', packTree(tree), { owner: 'container-user' })
    t.is((await engine.containers.stat(id, '/data/deep/file')).size, 4)
    t.is((await engine.containers.stat(id, '/data/link')).linkTarget, '/etc/passwd')
    const { stat, tar } = await engine.containers.copyOut(id, '/data/deep')
    t.is(stat.name, 'deep')
    t.deepEqual(await entries(tar), ['deep/', 'deep/file'])
    if (state === 'stopped') await engine.containers.start(id)
    t.is(await inside(engine, id, 'stat -c %u:%g /data/deep/file; cat /data/deep/file'), '1000:1000\ntext')
    await t.throwsAsync(engine.containers.stat(id, '/no/such'), { code: 'FILE_UNKNOWN' })
    await t.throwsAsync(engine.containers.copyIn(id, '/etc/passwd', packTree(tree)), { code: 'SPEC_INVALID' })
  })
}

test('links of a hostile container never lead to the host', async t => {
  const engine = await openTestEngine(t, 'hostile')
  const secret = join(await tempDir(t, 'host'), 'secret')
  writeFileSync(secret, 'of the host')
  const { id } = await engine.containers.create(sleeper)
  await engine.containers.start(id)
  await inside(
    engine,
    id,
    `ln -s ${secret} /leak; ln -s ../../../../../.. /up; ln -s /proc/1/root/../.. /magic; ln -s loop /loop`,
  )
  for (const path of ['/leak', `/up${secret}`, `/magic${secret}`, '/loop'])
    await t.throwsAsync(engine.containers.copyOut(id, path), { code: 'FILE_UNKNOWN' }, path)
  t.is(readFileSync(secret, 'utf8'), 'of the host')
})

test('commit: the changes become a layer, the settings a config, and another container sees both', async t => {
  const engine = await openTestEngine(t, 'commit')
  const { id } = await engine.containers.create({ ...sleeper, labels: { kind: 'made' } })
  await engine.containers.start(id)
  await inside(engine, id, 'echo new > /new; rm /etc/os-release')
  const made = await engine.containers.commit(id, {
    names: ['localhost/made'],
    author: 'somebody',
    changes: ['CMD ["cat", "/new"]'],
    pause: 'yes',
  })
  const { config } = await engine.images.lookup('localhost/made')
  t.deepEqual([config.cmd, config.author, config.labels.kind], [['cat', '/new'], 'somebody', 'made'])
  t.is((await engine.images.history(made)).length, 2)
  await using container = await engine.containers.run({ image: 'localhost/made', network: sleeper.network })
  container.stderr.resume()
  t.is(await text(container.stdout), 'new\n')
  t.is((await engine.images.changes(made)).find(({ path }) => path === '/etc/os-release')?.kind, 'D')
  const squashed = await engine.containers.commit(id, { squash: 'yes' })
  t.is((await engine.images.tree(squashed)).layers.length, 1)
})

test('a container that swaps directories for links while it is copied to and from never reaches the host', async t => {
  const engine = await openTestEngine(t, 'racer')
  const outside = await tempDir(t, 'outside')
  const canary = await hostCanary(outside, 'file')
  const { id } = await engine.containers.create({
    ...sleeper,
    mounts: { mounts: [{ kind: 'volume', name: 'shared', destination: '/shared', options: [] }] },
  })
  await engine.containers.start(id)
  await inside(
    engine,
    id,
    `mkdir -p /shared/a /b; echo own > /shared/a/file; ln -s ${outside} /shared/link; ln -s ${outside} /link`,
  )
  const swap = (at: string, link: string): string =>
    `mv ${at} ${at}.x; mv ${link} ${at}; mv ${at} ${link}; mv ${at}.x ${at}`
  const racer = await engine.containers.execDetached(id, {
    command: ['sh', '-c', `while :; do ${swap('/shared/a', '/shared/link')}; ${swap('/b', '/link')}; done`],
  })
  const tree = await tempDir(t, 'tree')
  writeFileSync(join(tree, 'file'), 'planted')
  for (let turn = 0; turn < 60; turn++) {
    for (const path of ['/shared/a', '/b']) await engine.containers.copyIn(id, path, packTree(tree)).catch(refused)
    const copied = await engine.containers.copyOut(id, '/shared/a/file').catch(refused)
    if (copied) t.false(Buffer.concat(await Array.fromAsync(copied.tar)).includes('alive'), 'the canary came out')
  }
  t.true(await canary.isUnharmed())
  t.deepEqual(readdirSync(outside), ['file'])
  t.is(racer.length, 64)

  function refused(error: { readonly code?: string }): undefined {
    t.true(['FILE_UNKNOWN', 'SPEC_INVALID', 'IO'].includes(String(error.code)), String(error))
  }
})

test('a relative path begins at the working directory; a link to nothing says where it leads', async t => {
  const engine = await openTestEngine(t, 'relative')
  const { id } = await engine.containers.create({ ...sleeper, process: { ...sleeper.process, workdir: '/tmp' } })
  const tree = await tempDir(t, 'tree')
  writeFileSync(join(tree, 'file'), 'text')
  symlinkSync('/etc/nothing', join(tree, 'dangling'))
  await engine.containers.copyIn(id, '.', packTree(tree))
  t.is((await engine.containers.stat(id, '/tmp/file')).size, 4)
  t.is((await engine.containers.stat(id, './file')).linkTarget, '/tmp/file')
  await t.throwsAsync(engine.containers.stat(id, 'dangling'), { code: 'FILE_UNKNOWN' })
  const error = await engine.containers.stat(id, 'dangling').catch((reason: { subject: string }) => reason.subject)
  t.is(error, '/etc/nothing')
})

test('no program of the container is run for a compressed archive, whatever it is called', async t => {
  const engine = await openTestEngine(t, 'fake-xz')
  const { id } = await engine.containers.create(sleeper)
  await engine.containers.start(id)
  await inside(
    engine,
    id,
    'for name in xz unxz gzip unpigz zstd; do rm -f /bin/$name; printf "#!/bin/sh\\necho ran > /ran\\n" > /bin/$name; chmod 755 /bin/$name; done',
  )
  const tree = await tempDir(t, 'tree')
  writeFileSync(join(tree, 'file'), 'text')
  const tar = Buffer.concat(await Array.fromAsync(packTree(tree)))
  for (const compressed of [gzipSync(tar), zstdCompressSync(tar)])
    await engine.containers.copyIn(id, '/tmp', Readable.from([compressed])).catch(() => undefined)
  await t.throwsAsync(engine.containers.stat(id, '/ran'), { code: 'FILE_UNKNOWN' })
})
