import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { makeDirectory } from '../../src/files/make-directory.ts'
import { copyImage, insecureAcceptAnything, parseImageName } from '../../src/index.ts'
import { randomImage } from '../../src/testing/index.ts'

test('directories are made with those above them, once or again', async t => {
  const root = await tempDir(t)
  for (let times = 0; times < 2; times++) await makeDirectory(join(root, 'a/b/c'), { mode: 0o700 })
  t.is((await stat(join(root, 'a/b/c'))).mode & 0o777, 0o700)
  await Promise.all(Array.from({ length: 20 }, () => makeDirectory(join(root, 'd/e/f/g'))))
  t.true((await stat(join(root, 'd/e/f/g'))).isDirectory())
})

test('where there is a file, and where nothing can be made, it ends with an error', async t => {
  const root = await tempDir(t)
  await writeFile(join(root, 'file'), '')
  await t.throwsAsync(makeDirectory(join(root, 'file')), { code: 'EEXIST' })
  await t.throwsAsync(makeDirectory(join(root, 'file/x')), { code: 'ENOTDIR' })
  for (const path of ['/proc/nowhere', '/proc/nowhere/x/y'])
    await t.throwsAsync(makeDirectory(path), { code: 'ENOENT' })
})

test('an image for a place that cannot be made is refused', async t => {
  const copy = (to: string) =>
    copyImage(randomImage({ seed: 'nowhere' }), parseImageName(to), { policy: insecureAcceptAnything })
  await t.throwsAsync(copy('dir:/proc/nowhere/x'), { code: 'DESTINATION_REFUSED' })
  for (const to of ['oci:/proc/nowhere/x:1', 'oci-archive:/proc/nowhere/x:1', 'docker-archive:/proc/nowhere/x'])
    await t.throwsAsync(copy(to), { message: /\/proc\/nowhere/ })
})
