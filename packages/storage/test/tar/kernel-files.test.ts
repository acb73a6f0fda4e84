import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { output, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { packEntry } from '../../src/index.ts'

/** As much as is compared: more than is read at a time, and before the end, where programs of the kernel come and go. */
const start = (text: string): string => text.slice(0, 1024 * 1024).trim()

/** Said to be empty, a page long, and empty though it has more than is read at a time. */
for (const path of ['/proc/version', '/sys/class/net/lo/mtu', '/proc/kallsyms'])
  test(`${path}, whose size the kernel does not tell, goes into an archive with what it has`, async t => {
    const tar = join(await tempDir(t, 'kernel-files'), 'tar')
    writeFileSync(tar, Buffer.concat(await Array.fromAsync(packEntry(path, 'file'))))
    t.is(start(await output('tar', ['-xOf', tar, 'file'])), start(readFileSync(path, 'utf8')))
    t.is((await output('tar', ['-tf', tar])).trim(), 'file')
  })
