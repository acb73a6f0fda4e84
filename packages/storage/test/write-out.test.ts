import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { addLayer } from './support/layers.ts'
import { tempStore } from './support/temp-store.ts'

const mebibyte = 1 << 20

/** A tar of one file of so many zeros, made with ustar's fields by hand. */
function largeTar(path: string, size: number): string {
  const header = Buffer.alloc(512)
  const octal = (value: number, at: number, width: number): number =>
    header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1')
  header.write('large', 0)
  octal(0o644, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(0, 136, 12)
  header.write('        0', 148)
  header.write('ustar\x0000', 257, 'latin1')
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  )
  writeFileSync(path, Buffer.concat([header, Buffer.alloc(size + 1024)]))
  return path
}

/** Runs with a directory of its own as the only place of programs. */
async function withPrograms<T>(directory: string, act: () => Promise<T>): Promise<T> {
  const before = process.env.PATH
  process.env.PATH = directory
  try {
    return await act()
  } finally {
    process.env.PATH = before
  }
}

test.serial('a large layer is written out while the rest of it is unpacked, a small one only at the end', async t => {
  const directory = await tempDir(t, 'write-out')
  const [programs, heard] = [join(directory, 'programs'), join(directory, 'heard')]
  mkdirSync(programs)
  writeFileSync(join(programs, 'sync'), `#!/bin/sh\necho "$@" >> ${heard}\n`)
  chmodSync(join(programs, 'sync'), 0o755)
  const { store, options } = await tempStore(t, { sync: 'filesystem' })
  await withPrograms(programs, () => addLayer(store, { path: largeTar(join(directory, 'small.tar'), mebibyte) }))
  t.false(existsSync(heard))
  const { layer } = await withPrograms(programs, () =>
    addLayer(store, { path: largeTar(join(directory, 'large.tar'), 150 * mebibyte) }),
  )
  t.is(layer.diffSize, 150 * mebibyte + 1536)
  while (!existsSync(heard) || !readFileSync(heard, 'utf8').endsWith('\n'))
    await new Promise(resolve => setTimeout(resolve, 10))
  t.regex(readFileSync(heard, 'utf8'), new RegExp(`^--file-system ${options.graphRoot}/`))
})

test.serial('a large layer needs no sync(1)', async t => {
  const directory = await tempDir(t, 'write-out')
  const { store } = await tempStore(t, { sync: 'filesystem' })
  const { layer } = await withPrograms('/nowhere', () =>
    addLayer(store, { path: largeTar(join(directory, 'large.tar'), 100 * mebibyte) }),
  )
  t.is(layer.diffSize, 100 * mebibyte + 1536)
})
