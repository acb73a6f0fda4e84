import test from 'ava'
import { generateSpec, readSpecHost, type Spec, validateSpec } from '../../src/index.ts'

const spec = async (): Promise<Spec> =>
  generateSpec({
    id: 'c',
    hostname: 'h',
    rootfs: { path: 'rootfs', readonly: 'no' },
    process: {
      args: ['true'],
      cwd: '/',
      env: ['A=b'],
      terminal: 'no',
      user: { uid: 1, gid: 1, umask: 0o22 },
      capabilities: { add: ['net_raw'] },
      rlimits: [{ type: 'core', soft: -1, hard: -1 }],
    },
    namespaces: (['pid', 'network', 'ipc', 'uts', 'mount', 'time'] as const).map(type => ({ type })),
    timeOffsets: { boottime: { secs: -5, nanosecs: 1 } },
    intelRdt: { closID: 'group', l3CacheSchema: 'L3:0=f' },
    resources: { memory: { limit: 1 << 20, swap: -1 }, pids: { limit: -1 }, unified: { 'cpu.weight': '5' } },
    host: await readSpecHost(),
  })

test('what is generated is valid', async t => {
  t.deepEqual(await validateSpec(await spec()), [])
})

type Edit = (
  spec: Record<string, unknown> & { process: Record<string, unknown>; linux: Record<string, unknown> },
) => void
const wrong: Readonly<Record<string, readonly [Edit, RegExp]>> = {
  'no version': [s => delete s.ociVersion, /ociVersion/],
  'a relative working directory': [s => Object.assign(s.process, { cwd: 'tmp' }), /\/process\/cwd/],
  'no program': [s => Object.assign(s.process, { args: [] }), /no program/],
  'an environment entry without =': [s => Object.assign(s.process, { env: ['SECRET'] }), /\/process\/env\/0/],
  'a user out of range': [s => Object.assign(s.process, { user: { uid: 2 ** 32, gid: 0 } }), /\/process\/user\/uid/],
  'a negative user': [s => Object.assign(s.process, { user: { uid: -1, gid: 0 } }), /\/process\/user\/uid/],
  'an unknown capability': [s => Object.assign(s.process, { capabilities: { bounding: ['CAP_X'] } }), /CAP_X/],
  'an ambient capability alone': [
    s => Object.assign(s.process, { capabilities: { ambient: ['CAP_KILL'] } }),
    /cannot be ambient/,
  ],
  'a limit given twice': [
    s => {
      const limit = { type: 'RLIMIT_CORE', soft: 1, hard: 1 }
      Object.assign(s.process, { rlimits: [limit, limit] })
    },
    /twice/,
  ],
  'a soft limit above the hard': [
    s => Object.assign(s.process, { rlimits: [{ type: 'RLIMIT_CORE', soft: 2, hard: 1 }] }),
    /above the hard/,
  ],
  'a namespace given twice': [
    s => Object.assign(s.linux, { namespaces: [{ type: 'uts' }, { type: 'uts' }, { type: 'time' }] }),
    /uts namespace is given twice/,
  ],
  'an unknown namespace': [
    s => Object.assign(s.linux, { namespaces: [{ type: 'net' }] }),
    /namespaces\/0\/type.*network/,
  ],
  'a host name without namespace': [s => Object.assign(s.linux, { namespaces: [{ type: 'time' }] }), /\/hostname/],
  'mappings without user namespace': [
    s => Object.assign(s.linux, { uidMappings: [{ containerID: 0, hostID: 0, size: 1 }] }),
    /no user namespace/,
  ],
  'swap below memory': [
    s => Object.assign(s.linux, { resources: { memory: { limit: 10, swap: 5 } } }),
    /below memory alone/,
  ],
  'a bind without source': [s => Object.assign(s, { mounts: [{ destination: '/x', type: 'bind' }] }), /needs a source/],
  'a relative mount': [s => Object.assign(s, { mounts: [{ destination: 'x' }] }), /not absolute/],
  'a path with a NUL': [s => Object.assign(s, { root: { path: 'a\0b' } }), /\/root\/path/],
  'a wrong seccomp action': [s => Object.assign(s.linux, { seccomp: { defaultAction: 'ALLOW' } }), /SCMP_ACT_ALLOW/],
  'a relative hook': [s => Object.assign(s, { hooks: { poststop: [{ path: 'x' }] } }), /\/hooks\/poststop\/0\/path/],
  'a page size without unit': [
    s => Object.assign(s.linux, { resources: { hugepageLimits: [{ pageSize: '2', limit: 1 }] } }),
    /pageSize/,
  ],
  'a closed id that is a path': [s => Object.assign(s.linux, { intelRdt: { closID: '../x' } }), /closID/],
}

for (const [what, [edit, reason]] of Object.entries(wrong)) {
  test(`${what} is found`, async t => {
    const copy = structuredClone(await spec()) as unknown as Parameters<Edit>[0]
    edit(copy)
    const problems = await validateSpec(copy)
    t.is(problems.length, 1)
    t.regex(`${problems[0]?.path} ${problems[0]?.message}`, reason)
  })
}

test('anything but an object is no spec', async t => {
  for (const value of [null, [], 'x', 5, undefined]) t.is((await validateSpec(value)).length, 1)
})
