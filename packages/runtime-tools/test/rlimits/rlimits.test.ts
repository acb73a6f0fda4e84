import { readFile } from 'node:fs/promises'
import test from 'ava'
import { clampRlimits, parseProcLimits, readSpec, rlimitType, unlimited, writeSpec } from '../../src/index.ts'

test('limits are lowered to the hard limit of the host', t => {
  const host = { nofile: { soft: 1024, hard: 4096 }, core: { soft: 0, hard: -1 } }
  const asked = [
    { type: 'nofile', soft: 2048, hard: 1_048_576 },
    { type: 'RLIMIT_CORE', soft: -1, hard: -1 },
    { type: 'NPROC', soft: 5, hard: -1 },
  ]
  t.deepEqual(clampRlimits(asked, host), [
    { type: 'RLIMIT_CORE', soft: unlimited, hard: unlimited },
    { type: 'RLIMIT_NOFILE', soft: 2048, hard: 4096 },
    { type: 'RLIMIT_NPROC', soft: 5, hard: unlimited },
  ])
  t.deepEqual(clampRlimits([{ type: 'nofile', soft: -1, hard: -1 }], host), [
    { type: 'RLIMIT_NOFILE', soft: 4096, hard: 4096 },
  ])
})

test('a soft limit above the hard one, and unknown names, are refused', t => {
  t.throws(() => clampRlimits([{ type: 'nofile', soft: 2, hard: 1 }], {}), { code: 'RLIMIT_INVALID' })
  t.throws(() => clampRlimits([{ type: 'nofile', soft: -1, hard: 1 }], {}), { code: 'RLIMIT_INVALID' })
  t.throws(() => rlimitType('files'), { code: 'RLIMIT_INVALID' })
  t.throws(() => rlimitType('__proto__'), { code: 'RLIMIT_INVALID' })
})

test('unlimited survives being written and read', t => {
  const rlimits = clampRlimits([{ type: 'core', soft: -1, hard: -1 }], {})
  const spec = { ociVersion: '1.0.2', process: { user: { uid: 0, gid: 0 }, cwd: '/', rlimits } }
  t.true(writeSpec(spec).includes('"soft":18446744073709551615,"hard":18446744073709551615'))
  t.deepEqual(readSpec(writeSpec(spec)), spec)
})

test("the kernel's table is read whole", async t => {
  const limits = parseProcLimits(await readFile('/proc/self/limits', 'latin1'))
  t.is(Object.keys(limits).length, 16)
  t.deepEqual(parseProcLimits('Max open files            1024                 unlimited            files'), {
    nofile: { soft: 1024, hard: -1 },
  })
})
