import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { isCdiName, parseCdi, readCdiSpecs, resolveCdiDevices } from '../../src/index.ts'

const file = (more: object = {}) => ({
  cdiVersion: '0.6.0',
  kind: 'vendor.com/net',
  containerEdits: { env: ['VENDOR=yes'] },
  devices: [
    {
      name: 'null',
      containerEdits: {
        deviceNodes: [{ path: '/dev/card0', hostPath: '/dev/null', permissions: 'rw' }],
        mounts: [{ hostPath: '/usr/lib/vendor', containerPath: '/vendor', options: ['ro', 'rbind'] }],
        hooks: [{ hookName: 'createContainer', path: '/usr/bin/vendor-hook', args: ['vendor-hook', 'x'] }],
        additionalGids: [0, 44],
      },
    },
    { name: 'given', containerEdits: { deviceNodes: [{ path: '/dev/g', type: 'c', major: 9, minor: 8 }] } },
  ],
  ...more,
})

test('names of devices', t => {
  for (const name of ['vendor.com/net=null', 'nvidia.com/gpu=all', 'a/b=0:1']) t.true(isCdiName(name), name)
  for (const name of ['/dev/null', 'vendor.com/net', 'vendor.com=x', '/dev/a=b', 'a/b=']) t.false(isCdiName(name), name)
})

test('what devices add is what their file says, the common part once', async t => {
  const spec = await parseCdi('test', file())
  const added = await resolveCdiDevices(['vendor.com/net=null', 'vendor.com/net=given'], [spec])
  t.deepEqual(added.env, ['VENDOR=yes'])
  t.like(added.devices[0], { path: '/dev/card0', hostPath: '/dev/null', type: 'c', major: 1, minor: 3, access: 'rw' })
  t.deepEqual(added.devices[1], { path: '/dev/g', hostPath: '/dev/g', type: 'c', major: 9, minor: 8, access: 'rwm' })
  t.deepEqual(added.mounts, [
    { destination: '/vendor', source: '/usr/lib/vendor', type: 'bind', options: ['ro', 'rbind'] },
  ])
  t.deepEqual(added.hooks, { createContainer: [{ path: '/usr/bin/vendor-hook', args: ['vendor-hook', 'x'] }] })
  t.deepEqual(added.additionalGids, [44])
})

test('an unknown device is named', async t => {
  const spec = await parseCdi('test', file())
  for (const name of ['vendor.com/net=other', 'vendor.com/gpu=null', 'vendor.com/net=__proto__']) {
    await t.throwsAsync(resolveCdiDevices([name], [spec]), {
      code: 'CDI_DEVICE_UNKNOWN',
      message: `unresolvable CDI device ${name}`,
    })
  }
})

test('malformed files are refused', async t => {
  for (const [what, more] of Object.entries({
    version: { cdiVersion: '0.1.0' },
    kind: { kind: 'vendor' },
    devices: { devices: [] },
    env: { containerEdits: { env: ['X'] } },
    path: { containerEdits: { deviceNodes: [{ path: 'dev/x' }] } },
    stage: { containerEdits: { hooks: [{ hookName: 'start', path: '/x' }] } },
  })) {
    await t.throwsAsync(parseCdi('bad', file(more)), { code: 'CDI_INVALID', message: /CDI file bad/ }, what)
  }
})

test('a later directory wins', async t => {
  const root = await mkdtemp(join(tmpdir(), 'cdi-'))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  const [first, second] = [join(root, 'a'), join(root, 'b')]
  for (const [directory, value] of [
    [first, 'early'],
    [second, 'late'],
  ] as const) {
    await mkdir(directory)
    await writeFile(join(directory, 'x.json'), JSON.stringify(file({ containerEdits: { env: [`WHICH=${value}`] } })))
  }
  await writeFile(join(first, 'y.yaml'), 'not: read')
  const specs = await readCdiSpecs([first, second, join(root, 'missing')])
  t.is(specs.length, 2)
  t.deepEqual((await resolveCdiDevices(['vendor.com/net=given'], specs)).env, ['WHICH=late'])
  const yaml = readCdiSpecs([first], { parseYaml: () => ({ kind: 'x' }) })
  await t.throwsAsync(yaml, { code: 'CDI_INVALID', message: /y\.yaml/ })
})
