import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { copyImage, createDockerArchive, insecureAcceptAnything, parseImageName } from '../../src/index.ts'
import { randomImage } from '../../src/testing/index.ts'

const refused = {
  code: 'DESTINATION_REFUSED',
  message: /docker-archive doesn't support modifying existing images$/,
} as const

test('a file that is there is not written over, unless it is empty', async t => {
  const path = join(await tempDir(t), 'image.tar')
  const copy = () =>
    copyImage(randomImage({ seed: 'archive' }), parseImageName(`docker-archive:${path}:a:1`), {
      policy: insecureAcceptAnything,
    })
  await writeFile(path, '')
  await copy()
  const before = await readFile(path)
  await t.throwsAsync(copy(), refused)
  await t.throwsAsync(createDockerArchive(path), refused)
  t.true((await readFile(path)).equals(before))
})
