import { join } from 'node:path'
import { createGzip } from 'node:zlib'
import { loadStoreOptions, openStore } from '../../src/index.ts'
import { entryBytes, evilTar } from './evil-tar.ts'

/** Applies a gzip bomb of many entries in a process of its own, and prints the process's highest memory in MiB. */

const [directory = ''] = process.argv.slice(2)
const overrides = {
  graphRoot: join(directory, 'root'),
  runRoot: join(directory, 'run'),
  driver: 'overlay',
  sync: 'none',
} as const
await using store = await openStore(loadStoreOptions(overrides, {}))
await using staged = await store.layers.stage()
await staged.apply(bomb())
console.log(Math.round(process.resourceUsage().maxRSS / 1024))

function bomb(): AsyncIterable<Uint8Array> {
  const gzip = createGzip({ level: 1 })
  const write = async (): Promise<void> => {
    const put = (bytes: Buffer) => new Promise<void>(resolve => gzip.write(bytes, () => resolve()))
    for (let batch = 0; batch < 100; batch++) {
      await put(
        evilTar(
          Array.from({ length: 500 }, (_, n) => ({ name: `d${batch}/${n}` })),
          'open',
        ),
      )
    }
    const zeros = Buffer.alloc(1 << 20)
    await put(entryBytes({ name: 'sparse-looking', size: 1 << 29 }))
    for (let mebibyte = 0; mebibyte < 512; mebibyte++) await put(zeros)
    gzip.end(Buffer.alloc(1024))
  }
  write().catch(error => gzip.destroy(error))
  return gzip
}
