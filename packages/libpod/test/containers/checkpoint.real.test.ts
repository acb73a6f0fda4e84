import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { Engine } from '../../src/index.ts'
import { openTestEngine, sleeper } from './engine.ts'

/** criu does not work on every kernel: this runtime keeps its part of the bargain without it, and runc does the rest. */
const runtimeScript = (runc: string): string => `#!/bin/sh
runc=${runc}
case "$*" in
*" checkpoint "*|checkpoint*)
  while [ $# -gt 1 ]; do [ "$1" = --image-path ] && images=$2; [ "$1" = --leave-running ] && leave=1; shift; done
  touch "$images/inventory.img"
  [ -n "$leave" ] || exec $runc kill "$1" KILL ;;
*" restore "*|restore*)
  while [ $# -gt 1 ]; do case "$1" in --bundle) bundle=$2;; --pid-file) pid=$2;; --image-path) images=$2;; esac; shift; done
  [ -e "$images/inventory.img" ] || exit 1
  exec $runc run --detach --bundle "$bundle" --pid-file "$pid" "$1" ;;
*) exec $runc "$@" ;;
esac
`

test.serial('without criu it is said so', async t => {
  const engine = await openTestEngine(t, 'no-criu')
  const { id } = await engine.containers.create(sleeper)
  const installed = ['/usr/sbin/criu', '/usr/bin/criu', '/usr/local/sbin/criu', '/usr/local/bin/criu'].some(existsSync)
  const expected = installed ? { code: 'CONTAINER_STATE' } : { code: 'UNSUPPORTED', message: /requires at least CRIU/ }
  await t.throwsAsync(engine.containers.checkpoint(id), expected)
  await t.throwsAsync(engine.containers.restore(id), expected)
})

test.serial('a container is written down, ends, and goes on; what it held is given back in between', async t => {
  const engine = await openTestEngine(t, 'criu')
  const directory = await tempDir(t, 'programs')
  mkdirSync(join(directory, 'bin'))
  writeFileSync(join(directory, 'bin/criu'), '#!/bin/sh\n', { mode: 0o755 })
  writeFileSync(join(directory, 'runtime'), runtimeScript(engine.options.runtime), { mode: 0o755 })
  const path = process.env.PATH
  process.env.PATH = `${join(directory, 'bin')}:${path}`
  t.teardown(() => {
    process.env.PATH = path
  })
  const { root, runRoot, tmpDir } = engine.options
  await using other = await Engine.open({
    root,
    runRoot,
    tmpDir,
    eventsBackend: 'file',
    runtime: join(directory, 'runtime'),
  })
  const { id } = await other.containers.create(sleeper)
  await t.throwsAsync(other.containers.checkpoint(id), { code: 'CONTAINER_STATE', message: /is not running/ })
  await t.throwsAsync(other.containers.restore(id), { code: 'CONTAINER_STATE', message: /cannot be found/ })
  await other.containers.start(id)
  const stateOf = async () =>
    ((await other.containers.inspect(id)) as unknown as { State: Record<string, unknown> }).State
  await other.containers.checkpoint(id, { afterwards: 'leave-running' })
  t.true((await stateOf()).Running)
  await other.containers.checkpoint(id)
  t.like(await stateOf(), { Status: 'exited', Checkpointed: true })
  t.deepEqual(await other.containers.mounts(), [])
  await other.containers.restore(id)
  t.like(await stateOf(), { Status: 'running', Restored: true })
  t.deepEqual((await other.containers.top(id, ['comm'])).at(-1), ['sleep'])
  await other.containers.stop(id)
  await t.throwsAsync(other.containers.restore(id), { code: 'CONTAINER_STATE' }, 'the checkpoint was used up')
})
