import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'

const run = promisify(execFile)
const example = new URL('../examples/bundle.ts', import.meta.url)

test('the example makes a bundle that runs', async t => {
  const bundle = await mkdtemp(join(tmpdir(), 'spec-example-'))
  t.teardown(() => rm(bundle, { recursive: true, force: true }))
  await mkdir(join(bundle, 'rootfs/bin'), { recursive: true })
  await run('cp', ['/bin/busybox', join(bundle, 'rootfs/bin/busybox')])
  await symlink('busybox', join(bundle, 'rootfs/bin/hostname'))
  const made = await run(process.execPath, ['--conditions=development', example.pathname, bundle, 'hostname'])
  t.deepEqual(made, { stdout: '', stderr: '' })
  const id = `example-${randomBytes(4).toString('hex')}`
  const { stdout } = await run('runc', ['--root', join(bundle, 'state'), 'run', '--bundle', bundle, id])
  t.is(stdout, 'example\n')
})

test('the README shows the example as it is', async t => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  t.true(readme.includes(await readFile(example, 'utf8')))
})
