import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { run } from '@libpod/test-kit'
import test from 'ava'
import type { Engine } from '../../src/index.ts'
import { openTestEngine, sleeper } from './engine.ts'

const program = fileURLToPath(new URL('../support/lease-owner.ts', import.meta.url))

/** Another process with a container on the same store; killed as soon as the container runs. */
async function killedOwner({ options }: Engine, lease: 'lease' | ''): Promise<string> {
  const flags = ['--conditions=development', '--disable-warning=ExperimentalWarning', '--']
  const owner = spawn(process.execPath, [...flags, program, dirname(options.root), lease], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [id] = await once(owner.stdout, 'data')
  owner.kill('SIGKILL')
  await once(owner, 'close')
  return String(id).trim()
}

test('what a process leased is gone when it was killed, whatever the policies say', async t => {
  const engine = await openTestEngine(t, 'lease')
  const id = await killedOwner(engine, 'lease')
  while (await engine.containers.exists(id)) await delay(50)
  t.deepEqual(await engine.containers.list({ which: 'all' }), [])
})

test('without a lease it stays; the lease of a process that lives is left alone', async t => {
  const engine = await openTestEngine(t, 'no-lease')
  const id = await killedOwner(engine, '')
  const { id: own } = await engine.containers.create({ ...sleeper, lease: 'this-process' })
  await engine.containers.removeAbandoned()
  t.deepEqual(
    new Set((await engine.containers.list({ which: 'all' })).map(one => one.id)),
    new Set([id, own] as never[]),
  )
})

test('an engine that is disposed of, with nothing left, leaves no watcher', async t => {
  const engine = await openTestEngine(t, 'no-watcher')
  const watchers = async () => {
    const { stdout } = await run('ps', ['-e', '-o', 'ppid=,args='])
    const lines = stdout.split('\n').filter(line => line.includes(`${engine.options.root}"`))
    return lines.filter(line => line.trim().startsWith(`${process.pid} `) && line.includes('read -r _')).length
  }
  const { id } = await engine.containers.create({ ...sleeper, lease: 'this-process' })
  t.is(await watchers(), 1)
  await engine.containers.remove(id)
  await engine[Symbol.asyncDispose]()
  while ((await watchers()) > 0) await delay(20)
})
