import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { output, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { type Met, type PackVerdict, packTree } from '../../src/index.ts'

test('what goes between being met and being read is left out of an archive', async t => {
  const directory = await tempDir(t, 'vanishing')
  const tree = join(directory, 'tree')
  mkdirSync(join(tree, 'folder/in'), { recursive: true })
  for (const name of ['a', 'gone', 'z']) writeFileSync(join(tree, name), name)
  writeFileSync(join(tree, 'folder/in/deep'), '')
  symlinkSync('a', join(tree, 'gone-link'))
  linkSync(join(tree, 'gone'), join(tree, 'kept-name'))
  const judge = ({ path }: Met): PackVerdict => {
    if (/^gone|^folder\/in$/.test(path)) rmSync(join(tree, path), { recursive: true })
    return { kind: 'as-it-is' }
  }
  writeFileSync(join(directory, 'tar'), Buffer.concat(await Array.fromAsync(packTree(tree, { judge }))))
  const listed = (await output('tar', ['-tvf', join(directory, 'tar')])).trim().split('\n')
  t.deepEqual(
    listed.map(line => line.split(/\s+/).slice(5).join(' ')),
    ['a', 'folder/', 'kept-name', 'z'],
  )
})

test('a directory that is not there cannot be packed', async t => {
  const missing = join(await tempDir(t, 'vanishing'), 'none')
  await t.throwsAsync(Array.fromAsync(packTree(missing)), { code: 'IO' })
})
