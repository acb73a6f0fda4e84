import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { type Teardown, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { sweepAbandoned } from '../../src/build/abandoned.ts'

const source = JSON.stringify(import.meta.resolve('../../src/build/temporary.ts'))
const script = `
  const { openBuildDirectory } = await import(${source})
  const { path } = await openBuildDirectory()
  console.log(path)
  setInterval(() => {}, 1000)`

/** A process with a build directory in `parent`. */
async function builder(t: Teardown, parent: string) {
  const flags = ['--conditions=development', '--disable-warning=ExperimentalWarning', '--input-type=module']
  const child = spawn(process.execPath, [...flags, '--eval', script], {
    env: { ...process.env, TMPDIR: parent },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = async () => {
    const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
    child.kill('SIGKILL')
    await ended
  }
  t.teardown(kill)
  const [path] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { path, kill }
}

test('the directory of a build that was killed goes with the next one, and that of one that goes on stays', async t => {
  const parent = await tempDir(t, 'abandoned')
  const killed = await builder(t, parent)
  writeFileSync(join(killed.path, 'tmp/layer'), 'x')
  sweepAbandoned(parent)
  t.is(readdirSync(parent).length, 1)
  await killed.kill()
  t.is(readdirSync(parent).length, 1)
  const { path } = await builder(t, parent)
  t.deepEqual(
    readdirSync(parent).map(name => join(parent, name)),
    [path],
  )
})

test('it stays as long as its Buildah runs, and what is no directory of ours is let be', async t => {
  const parent = await tempDir(t, 'abandoned')
  mkdirSync(join(parent, 'podman-build-made-elsewhere'))
  const { path, kill } = await builder(t, parent)
  const orphan = spawn('sleep', ['1000'], { env: { ...process.env, TMPDIR: join(path, 'tmp') }, stdio: 'ignore' })
  t.teardown(() => orphan.kill('SIGKILL'))
  await once(orphan, 'spawn')
  await kill()
  sweepAbandoned(parent)
  t.is(readdirSync(parent).length, 2)
  orphan.kill('SIGKILL')
  await once(orphan, 'exit')
  sweepAbandoned(parent)
  t.deepEqual(readdirSync(parent), ['podman-build-made-elsewhere'])
})
