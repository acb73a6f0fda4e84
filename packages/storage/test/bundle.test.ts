import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')

test('bundled with its worker beside it, layers are applied', async t => {
  const directory = await tempDir(t, 'bundle')
  const entry = join(root, 'test', `bundle-entry-${process.pid}.ts`)
  writeFileSync(
    entry,
    `import { openStore, loadStoreOptions } from '../src/index.ts'
const base = process.argv[2]
await using store = await openStore(loadStoreOptions({ graphRoot: base + '/root', runRoot: base + '/run', driver: 'vfs' }))
async function* tar() { yield Buffer.alloc(1024) }
await using staged = await store.layers.stage()
console.log((await staged.apply(tar())).diffSize)`,
  )
  t.teardown(async () => (await import('node:fs')).rmSync(entry, { force: true }))
  await build({
    entryPoints: { main: entry, 'storage.worker': join(root, 'src/worker/storage.worker.ts') },
    outdir: join(directory, 'out'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node26',
    conditions: ['development'],
    logLevel: 'silent',
  })
  writeFileSync(join(directory, 'out/package.json'), '{"type":"module"}')
  t.is(
    execFileSync(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      join(directory, 'out/main.js'),
      directory,
    ]).toString(),
    '1024\n',
  )
})
