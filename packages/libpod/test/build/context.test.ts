import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { placeOf } from '../../src/build/context.ts'

test('the context holds the Containerfile, or else the Dockerfile', async t => {
  const context = await tempDir(t, 'context')
  t.throws(() => placeOf({ context }), {
    message: `no Containerfile or Dockerfile specified or found in context directory, ${context}: no such file or directory`,
  })
  await writeFile(join(context, 'Dockerfile'), 'FROM scratch\n')
  t.deepEqual(placeOf({ context }).files, [join(context, 'Dockerfile')])
  await writeFile(join(context, 'Containerfile'), 'FROM scratch\n')
  t.deepEqual(placeOf({ context }), { context, files: [join(context, 'Containerfile')] })
})

test('a file is looked for as it is, then below the context', async t => {
  const context = await tempDir(t, 'files')
  await mkdir(join(context, 'sub'))
  await writeFile(join(context, 'sub/Other'), 'FROM scratch\n')
  t.deepEqual(placeOf({ context, files: ['sub/Other'] }).files, [join(context, 'sub/Other')])
  t.deepEqual(placeOf({ files: [join(context, 'sub/Other')] }).context, join(context, 'sub'))
  t.throws(() => placeOf({ context, files: ['sub'] }), {
    message: 'containerfile: "sub" cannot be path to a directory',
  })
  t.throws(() => placeOf({ context, files: ['gone'] }), {
    message: 'the specified Containerfile or Dockerfile does not exist, gone: no such file or directory',
  })
})

test('standard input is a context of its own, or the Containerfile of another', async t => {
  const context = await tempDir(t, 'stdin')
  t.deepEqual(placeOf({ files: ['-'] }), { context: '-', files: [] })
  t.deepEqual(placeOf({ context, files: ['-'] }), { context, files: ['-'] })
})

test('what is elsewhere is left to Buildah', t => {
  for (const context of ['https://example.com/a.tar.gz', 'git://example.com/a', 'github.com/a/b', '-'])
    t.deepEqual(placeOf({ context, files: ['Other'] }), { context, files: ['Other'] })
})

test('without anything, or with a file for a context, nothing is built', async t => {
  t.throws(() => placeOf({}), { message: 'no context directory and no Containerfile specified' })
  const directory = await tempDir(t, 'odd')
  const file = join(directory, 'file')
  await writeFile(file, '')
  t.throws(() => placeOf({ context: file }), { message: `context must be a directory: ${JSON.stringify(file)}` })
  t.throws(() => placeOf({ context: join(directory, 'gone') }), { code: 'SPEC_INVALID' })
})
