import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { run } from '@libpod/test-kit'
import test from 'ava'
import type { AttachSession, Engine } from '../../src/index.ts'
import { openTestEngine, sleeper } from './engine.ts'

const reason = new Error('enough')
const stubborn = { ...sleeper.process, command: ['sh', '-c', "trap '' TERM; while :; do sleep 0.2; done"] }

async function started(engine: Engine, spec = {}): Promise<string> {
  const { id } = await engine.containers.create({ ...sleeper, ...spec })
  await engine.containers.start(id)
  return id
}

/** It heeds no SIGTERM from now on. */
async function startedStubborn(engine: Engine, spec = {}): Promise<string> {
  const id = await started(engine, { ...spec, process: stubborn })
  const programs = async () => (await engine.containers.top(id, ['comm'])).flat()
  while (!(await programs()).includes('sleep')) await delay(10)
  return id
}

const stateOf = async (engine: Engine, id: string): Promise<string> =>
  (await engine.containers.inspect(id)).State.Status

const unread = (session: AttachSession): AttachSession => {
  session.stdout.resume()
  session.stderr.resume()
  return session
}

test('exec: a command that is given up is killed and forgotten, whenever that is', async t => {
  const engine = await openTestEngine(t, 'abort-exec')
  const id = await started(engine)
  const giveUp = new AbortController()
  const begun = await engine.containers.exec(id, { command: ['sleep', '1000'] }, { signal: giveUp.signal })
  const { ended } = unread(begun)
  giveUp.abort(reason)
  await t.throwsAsync(ended, { is: reason })
  for (let wait = 0; wait < 60; wait += 4) {
    const early = new AbortController()
    const call = { signal: early.signal }
    const exec = engine.containers.exec(id, { command: ['sleep', '1000'] }, call).then(session => unread(session).ended)
    const outcome = t.throwsAsync(exec, { is: reason })
    await delay(wait)
    early.abort(reason)
    await outcome
  }
  const { ExecIDs } = await engine.containers.inspect(id)
  t.deepEqual(ExecIDs, [])
  while ((await engine.containers.top(id, ['pid'])).length > 2) await delay(20)
  const userdata = join(engine.options.root, 'overlay-containers', id, 'userdata')
  t.deepEqual(
    readdirSync(userdata).filter(name => /^[0-9a-f]{64}$/.test(name)),
    [],
  )
})

test('attach: the connection is closed, the container runs on', async t => {
  const engine = await openTestEngine(t, 'abort-attach')
  const id = await started(engine)
  const giveUp = new AbortController()
  const { ended } = unread(await engine.containers.attach(id, { signal: giveUp.signal }))
  giveUp.abort(reason)
  await t.throwsAsync(ended, { is: reason })
  t.is(await stateOf(engine, id), 'running')
})

test('stop and restart: what would not end runs on, and can be started and stopped as ever', async t => {
  const engine = await openTestEngine(t, 'abort-stop')
  const id = await startedStubborn(engine)
  for (const verb of ['stop', 'restart'] as const) {
    const giveUp = new AbortController()
    const call = engine.containers[verb](id, { timeout: 1000, signal: giveUp.signal })
    while ((await stateOf(engine, id)) !== 'stopping') await delay(10)
    giveUp.abort(reason)
    await t.throwsAsync(call, { is: reason })
    t.is(await stateOf(engine, id), 'running')
    await engine.containers.start(id)
  }
  await engine.containers.stop(id, { timeout: 0 })
  t.is(await stateOf(engine, id), 'exited')
})

test('a pod that is being stopped: the call rejects with the reason', async t => {
  const engine = await openTestEngine(t, 'abort-pod-stop')
  const { id: pod } = await engine.pods.create({ share: ['ipc'] })
  const { network: _, ...spec } = sleeper
  const id = await startedStubborn(engine, { ...spec, pod })
  const giveUp = new AbortController()
  const call = engine.pods.stop(pod, { timeout: 1000, signal: giveUp.signal })
  while ((await stateOf(engine, id)) !== 'stopping') await delay(10)
  giveUp.abort(reason)
  await t.throwsAsync(call, { is: reason })
  t.is(await stateOf(engine, id), 'running')
  await engine.pods.remove(pod, { running: 'kill', timeout: 0 })
})

test('export, wait, logs: they end with the reason and hold nothing', async t => {
  const engine = await openTestEngine(t, 'abort-waits')
  const id = await started(engine)
  const afterOne = new AbortController()
  const exported = async (): Promise<void> => {
    for await (const _ of engine.containers.export(id, { signal: afterOne.signal })) afterOne.abort(reason)
  }
  await t.throwsAsync(exported(), { is: reason })
  const giveUp = new AbortController()
  const { signal } = giveUp
  const waits = [
    engine.containers.wait(id, undefined, { signal }),
    engine.containers.wait(id, ['paused'], { signal }),
    Array.fromAsync(engine.containers.logs(id, { follow: 'yes', signal })),
    Array.fromAsync(engine.events.read({ stream: 'yes', signal })),
  ]
  const outcomes = Promise.allSettled(waits)
  await delay(50)
  giveUp.abort(reason)
  for (const outcome of await outcomes) t.is('reason' in outcome && outcome.reason, reason)
  await engine.containers.remove(id, { running: 'kill', timeout: 0 })
  t.false((await run('cat', ['/proc/self/mounts'])).stdout.includes(engine.options.root))
})

test('start: nothing of the run that did not come about is left', async t => {
  const engine = await openTestEngine(t, 'abort-start')
  for (let wait = 0; wait < 80; wait += 8) {
    const { id } = await engine.containers.create(sleeper)
    const giveUp = new AbortController()
    const start = engine.containers.start(id, { signal: giveUp.signal }).catch(error => t.is(error, reason))
    await delay(wait)
    giveUp.abort(reason)
    await start
    await engine.containers.remove(id, { running: 'kill', timeout: 0 })
  }
  t.deepEqual(readdirSync(join(engine.options.tmpDir, 'persist')), [])
})
