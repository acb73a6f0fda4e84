import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { packTree } from '@libpod/storage'
import { output, tempDir } from '@libpod/test-kit'
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
