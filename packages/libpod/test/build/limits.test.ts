import test from 'ava'
import { stepLimits } from '../../src/build/limits.ts'

const host: Parameters<typeof stepLimits>[2] = {
  pidMax: 32_768,
  cgroup: 'v1',
  architecture: 'amd64',
  kernel: '6.1.0',
  capabilities: [],
  rlimits: { nofile: { soft: 1024, hard: 20_000 }, nproc: { soft: -1, hard: -1 } },
  rootless: 'no',
}

test('defaults that this process may not set are lowered to what it may', t => {
  t.deepEqual(stepLimits([], { ulimits: [] }, host), ['nofile=20000:20000', 'nproc=32768:32768'])
  t.deepEqual(stepLimits([], { ulimits: ['nofile=5000:90000', 'core=-1:-1'] }, host), [
    'core=-1:-1',
    'nofile=5000:20000',
  ])
})

test('what was asked for stays, and what can be set is not named', t => {
  t.deepEqual(stepLimits(['NOFILE=90000:90000'], { ulimits: [] }, host), ['NOFILE=90000:90000', 'nproc=32768:32768'])
  t.deepEqual(stepLimits(['nproc=5:5'], { ulimits: [] }, host), ['nproc=5:5', 'nofile=20000:20000'])
  t.deepEqual(stepLimits(['host'], { ulimits: [] }, host), ['host'])
  t.deepEqual(stepLimits([], { ulimits: [] }, { ...host, capabilities: ['CAP_SYS_RESOURCE'] }), [])
  t.deepEqual(stepLimits([], { ulimits: ['nofile=9000:9000'] }, host), [])
})
