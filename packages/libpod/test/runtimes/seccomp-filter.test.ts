import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Seccomp, Spec } from '@libpod/runtime-tools'
import { type Teardown, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { withKeptFilter } from '../../src/runtimes/seccomp-filter.ts'

const annotation = 'run.oci.seccomp_bpf_data'
const seccomp: Seccomp = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }] }
const specWith = (section: Seccomp, annotations?: Record<string, string>): Spec => ({
  ...{ ociVersion: '1.0.2', root: { path: '/' }, mounts: [] },
  linux: { seccomp: section },
  ...(annotations ? { annotations } : {}),
})

async function host(t: Teardown, name = 'crun') {
  const directory = await tempDir(t, 'filters')
  const runtime = join(directory, name)
  writeFileSync(runtime, 'a runtime')
  const options = {
    tmpDir: join(directory, 'tmp'),
    runtimeFlags: [`--root=${directory}/state`],
    rootless: 'no',
  } as const
  return {
    runtime,
    kept: join(options.tmpDir, 'seccomp'),
    with: (spec: Spec) => withKeptFilter(spec, { runtime, options }),
    /** What the runtime leaves of a container that it created. */
    created: (id: string, filter: string) => {
      mkdirSync(join(directory, 'state', id), { recursive: true })
      writeFileSync(join(directory, 'state', id, 'seccomp.bpf'), filter)
    },
  }
}

test('what the runtime made of a section is given with the next container that has the same', async t => {
  const { with: withFilter, created, kept } = await host(t)
  const first = withFilter(specWith(seccomp))
  t.is(first.spec.annotations, undefined)
  created('a', 'the filter')
  first.keep('a')
  const spec = specWith(seccomp, { own: 'kept' })
  t.deepEqual(withFilter(spec).spec, {
    ...spec,
    annotations: { own: 'kept', [annotation]: Buffer.from('the filter').toString('base64') },
  })
  t.deepEqual(spec.annotations, { own: 'kept' })
  t.is(statSync(kept).mode & 0o777, 0o700)
  t.is(readdirSync(kept).length, 1)
})

test('another section, even one as long, gets none, and takes the place', async t => {
  const { with: withFilter, created, kept } = await host(t)
  const keep = (section: Seccomp, id: string): void => {
    created(id, id)
    withFilter(specWith(section)).keep(id)
  }
  keep(seccomp, 'a')
  const other = { ...seccomp, syscalls: [{ names: ['stat'], action: 'SCMP_ACT_ALLOW' as const }] }
  t.is(withFilter(specWith(other)).spec.annotations, undefined)
  keep(other, 'b')
  t.is(withFilter(specWith(other)).spec.annotations?.[annotation], Buffer.from('b').toString('base64'))
  t.is(withFilter(specWith(seccomp)).spec.annotations, undefined)
  t.is(readdirSync(kept).length, 1)
})

test('a runtime that was replaced compiles anew', async t => {
  const { with: withFilter, created, runtime } = await host(t)
  created('a', 'old')
  withFilter(specWith(seccomp)).keep('a')
  utimesSync(runtime, 1, 1)
  t.is(withFilter(specWith(seccomp)).spec.annotations, undefined)
})

test('nothing is given to another runtime, to what has more than a filter, or over what the user asked for', async t => {
  const { with: withFilter, created } = await host(t)
  const odd = [
    specWith({ ...seccomp, flags: ['SECCOMP_FILTER_FLAG_LOG'] }),
    specWith({ ...seccomp, listenerPath: '/run/listener' }),
    specWith(seccomp, { [annotation]: 'own' }),
    specWith(seccomp, { 'run.oci.seccomp.receiver': '/run/x' }),
    { ...specWith(seccomp), linux: {} },
  ]
  for (const spec of odd) {
    created('a', 'x')
    withFilter(spec).keep('a')
    t.is(withFilter(spec).spec, spec)
  }
  const runc = await host(t, 'runc')
  runc.created('a', 'x')
  runc.with(specWith(seccomp)).keep('a')
  t.is(runc.with(specWith(seccomp)).spec.annotations, undefined)
})

test('a runtime that leaves nothing, and no room to keep it, hold nobody up', async t => {
  const { with: withFilter, created, kept } = await host(t)
  withFilter(specWith(seccomp)).keep('a')
  mkdirSync(join(kept, '..'), { recursive: true })
  writeFileSync(kept, 'in the way')
  created('a', 'x')
  withFilter(specWith(seccomp)).keep('a')
  t.is(withFilter(specWith(seccomp)).spec.annotations, undefined)
})
