import { join } from 'node:path'
import { run, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { copyImage, insecureAcceptAnything, parseImageName } from '../../src/index.ts'
import { randomImage } from '../../src/testing/index.ts'

for (const [text, message, real = message] of [
  ['oci:', 'initializing destination oci::: mkdir : no such file or directory'],
  ['oci::tag', 'initializing destination oci::tag: mkdir : no such file or directory'],
  [
    'docker-archive::localhost/app:tag',
    'initializing destination docker-archive::localhost/app:tag: opening file "": open : no such file or directory',
  ],
  // The real tool finds out at the end, and tells of the current directory.
  [
    'oci-archive:',
    'initializing destination oci-archive::: opening file "": open : no such file or directory',
    'is a directory',
  ],
] as const)
  test(`${text} names no place, and nothing is written into the current directory`, async t => {
    const directory = await tempDir(t, 'nowhere')
    const from = `dir:${join(directory, 'image')}`
    const policy = insecureAcceptAnything
    await copyImage(randomImage({ seed: text }), parseImageName(from), { policy })
    await t.throwsAsync(copyImage(parseImageName(from), parseImageName(text), { policy }), {
      code: 'DESTINATION_REFUSED',
      message,
    })
    const { code, stderr } = await run('skopeo', ['--insecure-policy', 'copy', from, text], { cwd: directory })
    t.not(code, 0)
    t.true(stderr.replaceAll('\\"', '"').includes(real), stderr)
  })
