import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { openTestEngine, setVariable } from '../containers/engine.ts'
import { build, contextOf, fromBusybox } from './building.ts'

for (const isolation of ['oci', 'chroot'] as const)
  test.serial(`no variable of this process is in the steps of a build (${isolation})`, async t => {
    const engine = await openTestEngine(t, 'environment')
    setVariable(t, 'SECRET_OF_HOST', 'dont-tell')
    const context = await contextOf(t, [fromBusybox, 'RUN env'])
    const { stdout, stderr } = await build(engine, { context, isolation, network: 'host' })
    t.regex(stdout, /^PATH=/m)
    t.notRegex(stdout + stderr, /dont-tell/)
  })

test.serial('without Buildah the error says what to install', async t => {
  const engine = await openTestEngine(t, 'missing')
  const context = await contextOf(t, [fromBusybox])
  setVariable(t, 'PATH', await tempDir(t, 'empty'))
  await t.throwsAsync(engine.images.build({ context }), {
    code: 'BUILDER_UNAVAILABLE',
    message: /no program "buildah" is in the PATH: install the package buildah/,
  })
})

test.serial('nothing of a build is left in the directory of temporary files', async t => {
  const engine = await openTestEngine(t, 'temporary')
  const directory = join(await tempDir(t, 'tmp'), 'tmp')
  await mkdir(directory)
  const context = await contextOf(t, [fromBusybox, 'RUN false'])
  setVariable(t, 'TMPDIR', directory)
  await t.throwsAsync(engine.images.build({ context }), { code: 'BUILD_FAILED' })
  t.deepEqual(await readdir(directory), [])
})
