import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { Lockfile } from '../../src/locks/lockfile.ts'
import { tempStore } from '../support/temp-store.ts'

test('holders come one after another, in order, and readers may be many', async t => {
  const path = join(await tempDir(t, 'lock'), 'deep/dir/x.lock')
  const order: number[] = []
  const hold = (n: number) =>
    new Lockfile(path).hold('write', async () => {
      order.push(n)
      await new Promise(resolve => setTimeout(resolve, 5))
      order.push(n)
    })
  await Promise.all([hold(1), hold(2), hold(3)])
  t.deepEqual(order, [1, 1, 2, 2, 3, 3])
})

test('another program’s POSIX lock is waited for, and the wait can be given up', async t => {
  const path = join(await tempDir(t, 'lock'), 'x.lock')
  const lock = new Lockfile(path)
  await lock.hold('write', held => held.touch())
  const script = `import fcntl,sys,time
f=open(${JSON.stringify(path)},'r+'); fcntl.lockf(f,fcntl.LOCK_EX); print('held',flush=True); sys.stdin.readline()`
  const peer = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => peer.kill('SIGKILL'))
  await once(peer.stdout, 'data')
  const waiting = lock.hold('write', () => 'mine', AbortSignal.timeout(80))
  await t.throwsAsync(waiting, { name: 'AbortError' })
  const patient = lock.hold('read', () => 'mine')
  peer.stdin.end('\n')
  t.is(await patient, 'mine')
})

test('a writer leaves a new 64-byte token that names its process', async t => {
  const path = join(await tempDir(t, 'lock'), 'x.lock')
  const lock = new Lockfile(path)
  const tokens = new Set<string>()
  for (let n = 0; n < 3; n++) {
    await lock.hold('write', held => {
      held.touch()
      tokens.add(held.token().toString('hex'))
    })
  }
  t.is(tokens.size, 3)
  const token = readFileSync(path)
  t.is(token.length, 64)
  t.is(token.readUInt32LE(16), process.pid)
})

test('a mount that waits for another program is given up with its signal', async t => {
  const { store, options } = await tempStore(t)
  const layer = await store.layers.create({})
  const stop = new AbortController()
  let waiting: Promise<string> | undefined
  await new Lockfile(join(options.graphRoot, 'storage.lock')).hold('write', () => {
    waiting = store.layers.mount(layer.id, { signal: stop.signal })
    stop.abort()
  })
  await t.throwsAsync(waiting ?? Promise.resolve(), { name: 'AbortError' })
  t.is(await store.layers.mountCount(layer.id), 0)
})
