import test from 'ava'
import { selectRuntime } from '../../src/runtimes/select.ts'

const host = { cgroups: 'v2', controllersOnV2: [], controllersNowhere: [], locksMemory: 'yes', uid: 0 } as const
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

test('of those that are there the first that can work with the host’s control groups', t => {
  const config = configOf(undefined, { crun: [process.execPath], runc: [process.execPath] })
  const chosen = (facts: Partial<Parameters<typeof selectRuntime>[2]>) =>
    selectRuntime(undefined, config, { ...host, ...facts }).name
  t.is(chosen({}), 'crun')
  t.is(chosen({ cgroups: 'hybrid' }), 'crun')
  t.is(chosen({ cgroups: 'hybrid', controllersOnV2: ['hugetlb'] }), 'runc')
  t.is(chosen({ cgroups: 'hybrid', controllersNowhere: ['hugetlb'] }), 'runc')
  t.is(chosen({ locksMemory: 'no' }), 'runc')
  t.is(chosen({ locksMemory: 'no', uid: 1000 }), 'crun')
  t.is(chosen({ locksMemory: 'no', cgroups: 'v1' }), 'crun')
})
