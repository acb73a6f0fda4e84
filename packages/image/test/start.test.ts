import { output } from '@libpod/test-kit'
import test from 'ava'

test('importing the package loads no client, no parser and no child process', async t => {
  const index = new URL('../src/index.ts', import.meta.url).href
  const script = `
    import { register } from 'node:module'
    const before = new Set(process.moduleLoadList)
    await import(${JSON.stringify(index)})
    console.log(JSON.stringify(process.moduleLoadList.filter(name => !before.has(name))))`
  const loaded = await output(process.execPath, ['--conditions=development', '--input-type=module', '-e', script])
  for (const name of ['http', 'https', 'tls', 'child_process', 'zlib']) {
    t.notRegex(loaded, new RegExp(`"NativeModule ${name}"`))
  }
})
