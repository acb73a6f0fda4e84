import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Teardown, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { runcCli, runtimeError } from '../../src/runtimes/runc-cli.ts'

const plain = { runtimeFlags: [], rootless: 'no' } as const

async function runtimeThat(t: Teardown, script: string): Promise<string> {
  const path = join(await tempDir(t, 'runtime'), 'odd')
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return path
}

test('a runtime that hangs is killed when patience ends, or when the caller aborts', async t => {
  const path = await runtimeThat(t, 'exec sleep 600')
  await t.throwsAsync(runcCli(path, plain, 200).kill('id', 15, 'init'), {
    code: 'RUNTIME_FAILED',
    message: 'OCI runtime error: odd: did not finish within 200 ms and was killed',
  })
  const controller = new AbortController()
  const started = runcCli(path, plain).start('id', { signal: controller.signal })
  controller.abort(new Error('enough'))
  await t.throwsAsync(started, { message: 'enough' })
})

test('a runtime that is killed or missing', async t => {
  const killed = await runtimeThat(t, 'echo \'{"level":"error","msg":"last words"}\' >&2; kill -9 $$')
  await t.throwsAsync(runcCli(killed, plain).pause('id'), { message: 'OCI runtime error: odd: last words' })
  await t.throwsAsync(runcCli('/no/such/runtime', plain).resume('id'), { code: 'RUNTIME_FAILED' })
})

test('nothing of the environment reaches a runtime', async t => {
  process.env.SECRET_OF_THE_CALLER = 'x'
  process.env.XDG_RUNTIME_DIR = '/run/user/0' // of a login; where conmon's runtime of root looks, root's own looks too
  const path = await runtimeThat(t, 'env >&2; exit 1')
  const error = await t.throwsAsync(runcCli(path, plain).start('id'))
  t.notRegex(String(error?.cause), /SECRET_OF_THE_CALLER|NODE_OPTIONS|LD_PRELOAD|user.0/)
  const ofUser = await t.throwsAsync(runcCli(path, { ...plain, rootless: 'yes' }).start('id'))
  t.regex(String(ofUser?.cause), /XDG_RUNTIME_DIR=.run.user.0/)
})

test('the last line of what was said counts, as text or as JSON', t => {
  t.is(runtimeError('/x/crun', 'one\n{"msg":"two"}').message, 'OCI runtime error: crun: two')
  t.is(runtimeError('/x/runc', 'time=x level=error msg="a \\"b\\""').message, 'OCI runtime error: runc: a "b"')
  t.is(runtimeError('/x/runc', '').message, 'OCI runtime error: runc: failed without a word')
})
