import test from 'ava'
import { selectRuntime } from '../../src/runtimes/select.ts'

const host = { cgroups: 'v2', controllersOnV2: [] } as const
const configOf = (runtime: string | undefined, runtimes: Readonly<Record<string, readonly string[]>> = {}) =>
  ({ runtime, runtimes }) as unknown as Parameters<typeof selectRuntime>[1]

test('the runtime that the configuration names has to be there', t => {
  t.throws(() => selectRuntime(undefined, configOf('idonotexist'), host), {
    code: 'RUNTIME_UNAVAILABLE',
    message: 'default OCI runtime "idonotexist" not found: invalid argument',
  })
  const found = selectRuntime(undefined, configOf('mine', { mine: ['/nonexistent', process.execPath] }), host)
  t.deepEqual(found, { name: 'mine', path: process.execPath })
})
